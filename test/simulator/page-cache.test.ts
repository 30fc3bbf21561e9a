import { describe, expect, it } from 'vitest';
import { PageCache } from '../../simulator/page-cache.js';

const page = (bytes: number): Buffer => Buffer.alloc(bytes);

describe('PageCache', () => {
  it('throws out the page that was not used for longest', () => {
    const cache = new PageCache(2, 1000);
    cache.set('a', page(1));
    cache.set('b', page(2));
    expect(cache.get('a')).toHaveLength(1);
    cache.set('c', page(3));
    expect(cache.get('b')).toBeUndefined();
    expect(cache.get('a')).toHaveLength(1);
    expect(cache.get('c')).toHaveLength(3);
  });

  it('never holds more bytes than allowed, a page replaced counts once', () => {
    const cache = new PageCache(100, 1000);
    for (let n = 0; n < 50; n++) cache.set(String(n), page(300));
    expect(cache.bytes).toBe(900);
    expect(cache.size).toBe(3);
    cache.set('49', page(100));
    expect(cache.bytes).toBe(700);
    cache.set('huge', page(2000));
    expect(cache.bytes).toBe(0);
    cache.clear();
    expect(cache.size).toBe(0);
  });
});
