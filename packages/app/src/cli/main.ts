#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { keepHeapSmall } from '../platform/heap.ts';

keepHeapSmall();
// What was compiled once is not compiled again by the next command.
enableCompileCache();
const { runProgram } = await import('./program.ts');
await runProgram();
