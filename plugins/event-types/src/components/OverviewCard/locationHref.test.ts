import { locationHref } from './locationHref';

describe('locationHref', () => {
  it('leads to files that a browser can open', () => {
    expect(locationHref('url:https://code.example/a/b.yaml')).toBe(
      'https://code.example/a/b.yaml',
    );
  });

  it.each([
    'file:/srv/estate/event-types.yaml',
    'url:javascript:alert(1)',
    'url:data:text/html,x',
    'url:file:///etc/passwd',
    'url:',
    'https://code.example/a.yaml',
    '',
  ])('makes no link of %s', location => {
    expect(locationHref(location)).toBeUndefined();
  });
});
