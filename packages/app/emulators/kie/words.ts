import type { Reply } from '../shared/service.ts';
import type { EmulatedTask } from '../shared/tasks.ts';

/** Nearly everything is HTTP 200; what it means stands in `code`. */
export const said = (code: number, msg: string, data: unknown = null, status = 200): Reply => ({
  status,
  body: { code, msg, data },
});

export function failureOf(task: EmulatedTask): { failCode: string; failMsg: string } {
  switch (task.outcome) {
    case 'policy':
      return {
        failCode: '400',
        failMsg: 'Your prompt was flagged by Website as violating content policies.',
      };
    case 'photo':
      return { failCode: '400', failMsg: 'Blocked: prominent people upload is not allowed.' };
    case 'succeed':
    case 'stuck':
    case 'system':
      return { failCode: '500', failMsg: 'Internal Error, Please try again later.' };
    default:
      return { failCode: task.outcome.code, failMsg: task.outcome.message };
  }
}
