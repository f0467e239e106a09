import type { Patch, PatchOperation } from '$lib/api/values';

/** JSON Patch (RFC 6902) over values that are shared and never changed in place: what was not touched stays the same object. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export const escapeKey = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');
export const pointer = (...keys: string[]): string => keys.map((key) => `/${escapeKey(key)}`).join('');
export const keysOf = (path: string): string[] =>
  path === '' ? [] : path.slice(1).split('/').map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));

export class PatchError extends Error {
  readonly operation: PatchOperation;
  constructor(operation: PatchOperation, why: string) {
    super(`${operation.op} ${operation.path}: ${why}`);
    this.name = 'PatchError';
    this.operation = operation;
  }
}

type Container = Record<string, unknown> | unknown[];
const isContainer = (value: unknown): value is Container => typeof value === 'object' && value !== null;
const own = (value: Container, key: string): boolean => Object.prototype.hasOwnProperty.call(value, key);

export function valueAt(value: unknown, path: string): unknown {
  let at = value;
  for (const key of keysOf(path)) {
    if (!isContainer(at) || !own(at, key)) return undefined;
    at = (at as Record<string, unknown>)[key];
  }
  return at;
}

export function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (!isContainer(a) || !isContainer(b) || Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => own(b, key) && equal((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]));
}

/** The value with one place changed; `change` gets the container and the last key. */
function changed(value: unknown, keys: string[], depth: number, operation: PatchOperation, change: (into: Container, key: string) => void): unknown {
  if (!isContainer(value)) throw new PatchError(operation, 'there is no such place');
  const key = keys[depth] ?? '';
  const copy: Container = Array.isArray(value) ? [...value] : { ...value };
  if (depth === keys.length - 1) change(copy, key);
  else {
    if (!own(value, key)) throw new PatchError(operation, 'there is no such place');
    (copy as Record<string, unknown>)[key] = changed((value as Record<string, unknown>)[key], keys, depth + 1, operation, change);
  }
  return copy;
}

function put(value: unknown, operation: PatchOperation, path: string, put_value: unknown, must_exist: boolean): unknown {
  const keys = keysOf(path);
  if (keys.length === 0) return put_value;
  return changed(value, keys, 0, operation, (into, key) => {
    if (Array.isArray(into)) {
      const index = key === '-' ? into.length : Number(key);
      if (!Number.isInteger(index) || index < 0 || index > into.length - (must_exist ? 1 : 0)) throw new PatchError(operation, 'no such index');
      into.splice(index, must_exist ? 1 : 0, put_value);
      return;
    }
    if (must_exist && !own(into, key)) throw new PatchError(operation, 'there is nothing to replace');
    into[key] = put_value;
  });
}

function take(value: unknown, operation: PatchOperation, path: string): unknown {
  const keys = keysOf(path);
  if (keys.length === 0) return null;
  return changed(value, keys, 0, operation, (into, key) => {
    if (!own(into, key)) throw new PatchError(operation, 'there is nothing to remove');
    if (Array.isArray(into)) into.splice(Number(key), 1);
    else Reflect.deleteProperty(into, key);
  });
}

function applyOne(value: unknown, operation: PatchOperation): unknown {
  const { op, path, from = '' } = operation;
  switch (op) {
    case 'add':
      return put(value, operation, path, operation.value, false);
    case 'replace':
      return put(value, operation, path, operation.value, true);
    case 'remove':
      return take(value, operation, path);
    case 'test':
      if (!equal(valueAt(value, path), operation.value)) throw new PatchError(operation, 'it is not what was expected');
      return value;
    case 'copy':
    case 'move': {
      const moved = valueAt(value, from);
      if (moved === undefined) throw new PatchError(operation, `nothing at ${from}`);
      return put(op === 'move' ? take(value, operation, from) : value, operation, path, moved, false);
    }
  }
}

/** All operations or, with a PatchError, none. */
export function applyPatch<T>(value: T, patch: Patch): T {
  return patch.reduce<unknown>(applyOne, value) as T;
}

/** What turns one value into another; objects are compared member by member, lists change as a whole. */
export function difference(before: unknown, after: unknown, path = ''): Patch {
  if (before === after || equal(before, after)) return [];
  if (!isContainer(before) || !isContainer(after) || Array.isArray(before) || Array.isArray(after)) return [{ op: 'replace', path, value: after }];
  const patch: Patch = [];
  for (const key of Object.keys(before)) if (!own(after, key)) patch.push({ op: 'remove', path: path + pointer(key) });
  for (const key of Object.keys(after)) {
    const at = path + pointer(key);
    if (!own(before, key)) patch.push({ op: 'add', path: at, value: after[key] });
    else patch.push(...difference(before[key], after[key], at));
  }
  return patch;
}
