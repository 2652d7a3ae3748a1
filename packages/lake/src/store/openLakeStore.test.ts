import path from 'node:path';
import { parseLakeLocation } from './openLakeStore';

describe('parseLakeLocation', () => {
  it.each([
    ['gs://my-lake', { kind: 'gcs', bucket: 'my-lake' }],
    ['gs://my-lake/', { kind: 'gcs', bucket: 'my-lake' }],
    [
      'gs://my-lake/team/events/',
      { kind: 'gcs', bucket: 'my-lake', prefix: 'team/events' },
    ],
    ['/var/lake', { kind: 'folder', root: '/var/lake' }],
    ['lake', { kind: 'folder', root: path.resolve('lake') }],
  ])('reads %s', (location, expected) => {
    expect(parseLakeLocation(location)).toEqual(expected);
  });

  it.each([
    '',
    's3://lake',
    'gs:///x',
    'gs://A',
    'gs://my-lake/../other',
    'gs://my-lake/a//b',
    'GS://my-lake',
    'gs://user@host/x',
  ])('refuses %j', location => {
    expect(() => parseLakeLocation(location)).toThrow(
      expect.objectContaining({ code: 'invalid_location' }),
    );
  });
});
