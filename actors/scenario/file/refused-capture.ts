import { refusalOf } from '../../../datapath/capture/capture-file.ts';
import type { Complaint } from '../../../topology/file/file-problem.ts';
import { unreadableFor } from '../../../topology/file/unreadable.ts';

const A_CAPTURE = 'a capture';

/** Why nothing of a capture can be played: it cannot be read, or is none. Undefined when it can, as far as its beginning tells. */
export async function complaintAbout(path: string): Promise<Complaint | undefined> {
  try {
    const refusal = await refusalOf(path);
    if (refusal === undefined) return undefined;
    const { fault, detail, offset } = refusal;
    const expected = fault === 'link-type' ? 'a capture of Ethernet frames' : A_CAPTURE;
    return { code: fault, what: `${detail}, at byte ${offset}`, expected };
  } catch (error) {
    const complaint = unreadableFor(error);
    if (complaint === undefined) throw error;
    return { ...complaint, expected: A_CAPTURE };
  }
}
