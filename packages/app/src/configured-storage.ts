import { createFileStorage } from './delivery/storage/file-system.ts';
import type { Storage } from './delivery/storage/port.ts';
import { createS3Storage } from './delivery/storage/s3.ts';
import type { Config } from './platform/config.ts';
import { HoldfastError } from './platform/errors.ts';

/** The bucket where one is set, else the folder. */
export function configuredStorage(config: Config): Storage {
  return config.s3Bucket === undefined ? storageNamed(config, 'file-system') : storageNamed(config, 's3');
}

/** @throws HoldfastError `storage_not_configured` */
export function storageNamed(config: Config, name: 'file-system' | 's3'): Storage {
  if (name === 'file-system') return createFileStorage({ directory: config.storageDirectory });
  if (config.s3Bucket === undefined) {
    throw new HoldfastError('storage_not_configured', 'Set S3_BUCKET, and S3_ENDPOINT with its keys, first.');
  }
  const { s3AccessKeyId: accessKeyId, s3SecretAccessKey: secretAccessKey } = config;
  return createS3Storage({
    bucket: config.s3Bucket,
    endpoint: config.s3Endpoint,
    region: config.s3Region,
    credentials:
      accessKeyId === undefined || secretAccessKey === undefined
        ? undefined
        : { accessKeyId, secretAccessKey },
    cacheDirectory: `${config.dataDirectory}/storage-cache`,
  });
}
