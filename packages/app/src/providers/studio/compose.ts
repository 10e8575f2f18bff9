import { StudioError } from './errors.ts';
import { Random } from './random.ts';
import { framesOf, framesPerSecond, pixelsOf, seedOf, styleNames } from './request.ts';
import type { StudioJob, StyleName } from './request.ts';
import type { Scene, Stage } from './scene.ts';
import { styles } from './styles/index.ts';
import { drawable } from './text/fonts.ts';
import { composeNeurocard } from './photo/neurocard.ts';
import { openPhoto } from './photo/photo.ts';
import { composeReels } from './photo/reels.ts';

/** A style without being asked for one: the seed decides. */
export function styleOf(job: StudioJob): StyleName {
  if ((job.make === 'video_prompt' || job.make === 'image_prompt') && job.style) return job.style;
  return new Random(`${seedOf(job)}|style`).pick(styleNames);
}

/** Makes the film of a job: everything that is chosen, set or computed once. Throws `StudioError` for a text or a photo that can't be used. */
export async function compose(job: StudioJob): Promise<Scene> {
  const { width, height } = pixelsOf(job);
  const stage: Stage = {
    width,
    height,
    unit: Math.min(width, height) / 720,
    seconds: 'seconds' in job ? framesOf(job) / framesPerSecond : 5,
    rich: job.quality === 'pro',
    still: !('seconds' in job),
    random: new Random(seedOf(job)),
  };
  const captions = captionsOf(job);
  const main = job.make === 'video_neurocard' ? job.name : captions.join(' ');
  if (main !== '' && drawable(main) === '') {
    throw new StudioError(
      'text_not_drawable',
      'None of the text can be drawn: it is in a script that no font here has.',
    );
  }
  switch (job.make) {
    case 'video_prompt':
    case 'image_prompt':
      return styles[styleOf(job)](stage, job.prompt);
    case 'video_reels':
    case 'image_photo':
      return composeReels(stage, await openPhoto(job.photo), {
        captions: captions.filter((text) => drawable(text) !== ''),
        style: job.style,
      });
    case 'video_neurocard':
      return composeNeurocard(stage, await openPhoto(job.photo), job);
    default:
      return job satisfies never;
  }
}

/** What is to be read: each caption, or each line of a prompt, is a moment of its own. */
function captionsOf(job: StudioJob): string[] {
  if (job.make === 'video_neurocard') return [];
  const texts = job.make === 'video_reels' && job.captions.length > 0 ? job.captions : job.prompt.split('\n');
  return texts.filter((text) => text.trim() !== '');
}
