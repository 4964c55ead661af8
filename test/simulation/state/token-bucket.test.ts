import { equal } from 'node:assert/strict';
import { TokenBucket } from '../../../simulation/state/token-bucket.ts';
import { millisOf } from '../../../topology/model/time.ts';

/** How many of so many wishes at one time are granted. */
function granted(bucket: TokenBucket, wishes: number, at: number): number {
  return Array.from({ length: wishes }, () => bucket.take(millisOf(at))).filter(Boolean).length;
}

describe('token bucket', () => {
  it('C12: grants a burst of 50, then 100 a second', () => {
    const bucket = new TokenBucket();
    equal(granted(bucket, 200, 5000), 50);
    equal(granted(bucket, 200, 5100), 10);
    equal(granted(bucket, 200, 5105), 0);
    equal(granted(bucket, 200, 5110), 1);
  });

  it('saves no more than a burst', () => {
    const bucket = new TokenBucket();
    equal(granted(bucket, 50, 0), 50);
    equal(granted(bucket, 1000, 3_600_000), 50);
  });

  it('has the rate and burst it is given', () => {
    const bucket = new TokenBucket(1, 2);
    equal(granted(bucket, 9, 0), 2);
    equal(granted(bucket, 9, 999), 0);
    equal(granted(bucket, 9, 1000), 1);
  });
});
