import S3rver from 's3rver';

/** An S3 server as a process of its own; says where it is. */
const [, , directory = ''] = process.argv;
const server = new S3rver({
  port: 0,
  address: '127.0.0.1',
  silent: true,
  directory,
  configureBuckets: [{ name: 'holdfast' }],
});
const { port } = await server.run();
console.log(`ready http://127.0.0.1:${port}`);
