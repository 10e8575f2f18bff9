/** The order of a provider's queue, written down a second time and without a database: what `turn` must come to. */

/** Turns in a round; every priority divides it. */
const round = 2520;

export interface Job {
  readonly id: number;
  readonly person: string;
  readonly turn: number;
}

export class QueueModel {
  readonly waiting: Job[] = [];
  readonly picked: Job[] = [];
  #jobs = 0;

  /** Somebody of that priority (turns per round) asks for one more. */
  arrive(person: string, priority: number): Job {
    const own = [...this.waiting, ...this.picked].filter((job) => job.person === person);
    const candidates = own.map(({ turn }) => turn + round / priority);
    // Not behind more than a round of anybody else's.
    if (this.waiting.length > 0) candidates.push(Math.min(...this.waiting.map(({ turn }) => turn)));
    const turn = candidates.length > 0 ? Math.max(...candidates) : round;
    const job = { id: (this.#jobs += 1), person, turn };
    this.waiting.push(job);
    return job;
  }

  /** The next one of whoever may have one more. */
  pick(mayHaveMore: (person: string) => boolean = () => true): Job | null {
    const [next] = this.waiting
      .filter(({ person }) => mayHaveMore(person))
      .toSorted((a, b) => a.turn - b.turn || a.id - b.id);
    if (next === undefined) return null;
    this.waiting.splice(this.waiting.indexOf(next), 1);
    this.picked.push(next);
    return next;
  }

  /** It has ended, and no longer counts for anything. */
  finish(job: Job): void {
    this.picked.splice(this.picked.indexOf(job), 1);
  }
}
