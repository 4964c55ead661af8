console.log('troupe');
