<?php
// phpredis' sessions with locking, against the server that REDIS_HOST and REDIS_PORT name: pages that run at the same time
// are programs of their own. It empties that server, prints a line per check, and exits with 1 if one failed.

$host = getenv('REDIS_HOST') ?: '127.0.0.1';
$port = getenv('REDIS_PORT') ?: '6379';
$redis = new Redis();
$redis->connect($host, (int) $port);
$redis->flushAll();
$failed = 0;

// For how many seconds a check waits for what must come. None passes or fails by how long something took. Once a check has
// failed the rest, which may fail for the same reason, wait for a second only.
function patience(): float
{
    $longest = (getenv('PATIENCE_MS') ?: 60000) / 1000;
    return $GLOBALS['failed'] ? min($longest, 1) : $longest;
}

function check(string $what, callable $run): void
{
    try {
        $run();
        echo "ok $what\n";
    } catch (Throwable $error) {
        $GLOBALS['failed']++;
        echo "FAILED $what: $error\n";
    } finally {
        Page::endAll();
    }
}

function equal($got, $want): void
{
    if ($got !== $want) {
        throw new Exception('got ' . json_encode($got) . ', want ' . json_encode($want));
    }
}

function until(string $what, callable $holds)
{
    $end = microtime(true) + patience();
    while (!($answer = $holds())) {
        if (microtime(true) > $end) {
            throw new Exception("still not: $what");
        }
        usleep(1000);
    }
    return $answer;
}

// A page that somebody visits.
class Page
{
    private static array $all = [];
    private $process;
    private array $pipes = [];

    public function __construct(string $id, array $settings = [], int $visits = 1, bool $waits = true)
    {
        $settings += ['lock_retries' => -1, 'lock_wait_time' => 1000];
        $command = [PHP_BINARY, '-d', 'session.use_cookies=0', '-d', 'session.cache_limiter=', '-d', 'session.save_handler=redis'];
        array_push($command, '-d', "session.save_path=tcp://{$GLOBALS['host']}:{$GLOBALS['port']}", '-d', 'redis.session.locking_enabled=1');
        foreach ($settings as $name => $value) {
            array_push($command, '-d', "redis.session.$name=$value");
        }
        array_push($command, __DIR__ . '/session_page.php', $id, (string) $visits, $waits ? '1' : '');
        $this->process = proc_open($command, [['pipe', 'r'], ['pipe', 'w'], STDERR], $this->pipes);
        self::$all[] = $this;
    }

    // The next that the page says, which must be of the given kind.
    public function says(string $what)
    {
        $read = [$this->pipes[1]];
        $none = null;
        if (!stream_select($read, $none, $none, (int) ceil(patience()))) {
            throw new Exception("the page does not say $what");
        }
        $said = json_decode($line = fgets($this->pipes[1]), true);
        if (!is_array($said) || array_key_first($said) !== $what) {
            throw new Exception("the page does not say $what, but $line");
        }
        return $said[$what];
    }

    // Whether the page has said nothing yet.
    public function isSilent(): bool
    {
        $read = [$this->pipes[1]];
        $none = null;
        return !stream_select($read, $none, $none, 0);
    }

    public function goOn(string $order = ''): void
    {
        fwrite($this->pipes[0], "$order\n");
    }

    public function end(): void
    {
        $this->goOn();
        equal($this->says('ended'), true);
    }

    public function kill(): void
    {
        proc_terminate($this->process, 9);
        proc_close($this->process);
        self::$all = array_filter(self::$all, fn ($other) => $other !== $this);
    }

    public static function endAll(): void
    {
        foreach (self::$all as $page) {
            $page->kill();
        }
    }
}

// The keys of a session and of its lock.
function key_of(string $id): string
{
    return "PHPREDIS_SESSION:$id";
}

function lock_of(string $id): string
{
    return key_of($id) . '_LOCK';
}

check('scripts', function () use ($redis) {
    equal($redis->eval("return {KEYS[1], ARGV[1], 3.9, false, {ok = 'fine'}}", ['key', 'argument'], 1), ['key', 'argument', 3, false, true]);
    $sha = $redis->script('load', "return redis.call('incrby', KEYS[1], ARGV[1])");
    equal($redis->script('exists', $sha, str_repeat('0', 40)), [1, 0]);
    equal($redis->evalSha($sha, ['number', 5], 1), 5);
    equal($redis->evalSha(str_repeat('0', 40)), false);
    equal($redis->getLastError(), 'NOSCRIPT No matching script. Please use EVAL.');
    $redis->clearLastError();
    equal($redis->multi()->incr('number')->evalSha($sha, ['number', 10], 1)->exec(), [6, 16]);
    equal($redis->script('flush'), true);
    equal($redis->script('exists', $sha), [0]);
});

check('a session', function () use ($redis) {
    $note = ['text' => "ä\0\r\n", 'list' => [1, 2.5, null, true]];
    for ($visits = 1; $visits <= 3; $visits++) {
        $page = new Page('session');
        equal($page->says('session'), ['visits' => $visits, 'note' => $note]);
        $page->end();
        equal($redis->exists(lock_of('session')), 0);
    }
    $left = $redis->ttl(key_of('session'));
    if ($left <= 1000 || $left > 1440) {
        throw new Exception("the session is kept for $left seconds");
    }
});

check('a session that another page has', function () use ($redis) {
    $first = new Page('contended');
    equal($first->says('session')['visits'], 1);
    equal(explode('|', $redis->get(lock_of('contended')))[0], gethostname());
    $impatient = new Page('contended', ['lock_retries' => 3]); // it sees an empty session, and cannot write
    equal($impatient->says('complaint'), 'session_start(): Acquire of session lock was not successful');
    equal($impatient->says('session')['visits'], 1);
    $impatient->goOn();
    equal(str_contains($impatient->says('complaint'), 'Failed to write session data'), true);

    $asked = $redis->info('commandstats')['cmdstat_set'];
    $second = new Page('contended');
    until('it asks for the lock', fn () => $redis->info('commandstats')['cmdstat_set'] !== $asked);
    equal($second->isSilent(), true);
    $first->end();
    equal($second->says('session')['visits'], 2);
    $second->end();
    equal($redis->exists(lock_of('contended')), 0);
});

check('pages that all count their visits', function () use ($redis) {
    $pages = [];
    for ($i = 0; $i < 8; $i++) {
        $pages[] = new Page('crowd', [], 10, false);
    }
    $seen = [];
    foreach ($pages as $page) {
        for ($i = 0; $i < 10; $i++) {
            $seen[] = $page->says('session')['visits'];
            equal($page->says('ended'), true);
        }
    }
    sort($seen);
    equal($seen, range(1, 80));
});

check('a lock that is lost', function () use ($redis) {
    $page = new Page('lost', ['lock_expire' => 3600]);
    equal($page->says('session')['visits'], 1);
    $left = $redis->ttl(lock_of('lost'));
    if ($left <= 3000 || $left > 3600) {
        throw new Exception("the lock is kept for $left seconds");
    }
    $redis->set(lock_of('lost'), 'another holder');
    $page->goOn();
    equal(str_contains($page->says('complaint'), 'lock'), true); // it writes nothing, and it releases nothing
    equal($redis->get(lock_of('lost')), 'another holder');
    equal($redis->exists(key_of('lost')), 0);
});

check('a page that dies', function () use ($redis) {
    $page = new Page('dead', ['lock_expire' => 1]);
    equal($page->says('session')['visits'], 1);
    $page->kill();
    $next = new Page('dead');
    equal($next->says('session')['visits'], 1); // once the lock has expired
    $next->end();
});

check('a new id, and an end', function () use ($redis) {
    $page = new Page('old');
    equal($page->says('session')['visits'], 1);
    $page->goOn('new id');
    equal($page->says('regenerated'), true);
    $id = $page->says('id');
    equal($page->says('ended'), true);
    equal([$redis->exists(key_of('old')), $redis->exists(lock_of('old'))], [0, 0]);
    equal([$redis->exists(key_of($id)), $redis->exists(lock_of($id))], [1, 0]);

    $page = new Page($id);
    equal($page->says('session')['visits'], 2);
    $page->goOn('destroy');
    equal($page->says('ended'), true);
    equal([$redis->exists(key_of($id)), $redis->exists(lock_of($id))], [0, 0]);
});

exit($failed ? 1 : 0);
