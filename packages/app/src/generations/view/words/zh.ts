import type { Words } from './words-table.ts';

const number = new Intl.NumberFormat('zh');
const credits = (amount: bigint) => `${number.format(amount)} 积分`;
const unavailable = '该模型暂时不可用。请稍后再试，或选择其他模型。';
const kinds = { video: '视频', image: '图片' } as const;
const units = { second: '秒', minute: '分钟', hour: '小时' } as const;

export const zh: Words = {
  credits,
  codes: {
    deadline: {
      back: '生成时间过长。积分已退还。请重试。',
      none: '生成时间过长。请重试。',
    },
    interrupted: '生成在我们这边多次中断。请重试。',
    output_unplayable: '生成的文件无法播放，因此没有交付。请重试。',
    output_unavailable: '无法获取生成结果。请重试。',
    task_gone: '结果在取回之前已丢失。请重试。',
    hold_ended: '为此冻结的积分在完成之前已解冻。请重试。',
    credit_gone: '完成时您的积分已不足以支付，因此未交付。',
    outcome_unknown: '我们未能及时查明结果。请重试。',
    delivery_failed: {
      back: '发送失败。积分已退还。请再试一次。',
      none: '发送失败。请再试一次。',
    },
    released_by_operator: '该任务无法完成，已由我们的团队停止。请重试。',
    text_not_drawable: '这段文字中没有可以绘制的字符。请换用其他文字。',
    text_too_long: '文字超出该模型的长度限制。请缩短后再试。',
    photo_unreadable: '无法读取照片。请上传另一张。',
    photo_quality: '照片质量过低。请在更好的光线下重拍后再试。',
    photo_too_large: '照片超出该模型的大小限制。请上传较小的照片。',
    result_declined: '生成结果未通过内容规则。请修改文字或照片。',
    moderation_refused: '该请求未通过我们的内容规则。请修改文字或照片。',
  },
  classes: {
    USER_INPUT: '无法根据所提供的内容生成。请修改后再试。',
    USER_POLICY: '该请求未通过内容规则。请修改文字或照片。',
    TRANSIENT: '服务过于繁忙。请几分钟后再试。',
    SYSTEM: '生成过程中出现问题。请重试。',
    OPERATOR_BALANCE: unavailable,
    OPERATOR_AUTH: unavailable,
    OPERATOR_CONFIG: unavailable,
    CANCELLED: '已取消。',
    UNKNOWN: '生成过程中出现问题。请重试。',
  },
  clause: {
    charged: (amount) => `已扣除 ${credits(amount)}。`,
    released: (amount) => `未扣除任何积分：${credits(amount)}已恢复可用。`,
    refunded: (amount) => `未扣除任何积分：${credits(amount)}已退还。`,
    nothing: '未扣除任何积分。',
  },
  receipt: {
    held_by_second: (amount) => `已冻结 ${credits(amount)}。只按实际得到的秒数付费，绝不会更多。`,
    held_by_piece: (amount) => `已冻结 ${credits(amount)}。交付后才付费。`,
    held_unknown: (amount) => `已冻结 ${credits(amount)}，我们正在查明结果。只有交付后才付费。`,
    prepaid: (amount) => `开始时已扣除 ${credits(amount)}。如果失败将予以退还。`,
    postpaid: (most) => `没有冻结积分。交付后才付费，最多 ${credits(most)}。`,
    delivered: '已交付',
    delivered_seconds: (seconds) => `已交付 ${number.format(seconds)} 秒`,
    delivered_some: (some, all) => `已交付 ${all} 个中的 ${some} 个`,
    charged: (what, amount, released) =>
      `${what}：扣除 ${credits(amount)}${released > 0n ? `，解冻 ${number.format(released)}` : ''}。`,
    charged_and_refunded: (what, amount, refunded) =>
      `${what}：扣除 ${credits(amount)}，退还 ${number.format(refunded)}。`,
    charged_and_owed: (what, amount, owed) =>
      `${what}：扣除 ${credits(amount)}，其中 ${number.format(owed)} 为欠款。`,
    not_charged: (what) => `${what}。未扣除任何积分。`,
  },
  refusals: {
    cooldown: (kind, { unit, amount }) =>
      `请等待 ${amount} ${units[unit]}后再开始下一次${kinds[kind]}生成。这样可以保证积分准确，避免重复扣费。`,
    too_many: (unfinished) =>
      `您有 ${number.format(unfinished)} 个生成任务正在进行，已达到同时进行的上限：请等待其中一个完成，或取消一个。`,
    unavailable: (model, why) =>
      `${model} 目前不可用${why === null ? '' : `：${why}`}。请选择其他模型，或稍后再试。`,
    quote_expired: '该报价已过期：请重新获取报价。',
    account_frozen: '该账户正在核查中：在完成之前无法开始新的任务。请联系客服。',
    ended_already: '该任务已结束。',
    too_late_to_cancel: '已无法停止：只有交付后才付费。',
    insufficient: ({ required, available, shortfall }) =>
      `需要 ${credits(required)}，可用 ${number.format(available)}：还差 ${number.format(shortfall)}。`,
    moderation_refused: '该请求未通过我们的内容规则。请修改文字或照片。未扣除任何积分。',
    moderation_paused: ({ unit, amount }) =>
      `您有多个请求未通过我们的内容规则，因此新的请求将暂停 ${amount} ${units[unit]}。未扣除任何积分。`,
  },
};
