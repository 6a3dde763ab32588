// Ends what the tests start. Each test ends its own things, the newest first; shared things outlive the test that started
// them.

// A shared thing ends when no test has used it for this long, in milliseconds.
const LINGER = 1_000;

const endings = new WeakMap();

// Calls `end` when the test ends: pages close before the browser, the browser before the server.
export function atEnd(t, end) {
  if (!endings.has(t)) {
    endings.set(t, []);
    t.after(async () => {
      const failures = [];
      for (const end of endings.get(t).reverse()) await end().catch((failure) => failures.push(failure));
      if (failures.length > 0) throw failures[0];
    });
  }
  endings.get(t).push(end);
}

// Wraps a starter that takes a test. The first test starts the thing, and the next tests get the same one, as long as
// `isAlive` says so. After the last test it ends, so that the process can end.
export function shared(start, isAlive = () => true) {
  let current = null;
  return async (t) => {
    const isUsable = current && (await current.thing.then(isAlive, () => false));
    const own = isUsable ? current : (current = begin(start));
    clearTimeout(own.timer);
    own.users += 1;
    atEnd(t, async () => {
      own.users -= 1;
      if (own.users > 0) return;
      own.timer = setTimeout(() => {
        if (current === own) current = null;
        own.end();
      }, LINGER);
    });
    return own.thing;
  };
}

function begin(start) {
  const ends = [];
  const end = async () => {
    for (const end of ends.reverse()) await end();
  };
  // Looks like a test to `atEnd`.
  return { thing: start({ after: (end) => ends.push(end) }), users: 0, timer: null, end };
}
