"""What redis-py is to do, in a version such as Debian's: 4.3 speaks RESP2, and has neither a cache nor sharded channels of its own.

Takes host and port. Prints a line for each section: its name, a tab, and "ok" or what went wrong as JSON.
"""
import json
import sys
import threading
import time
import traceback

import redis

HOST, PORT = sys.argv[1], int(sys.argv[2])
GIVE_UP = 60  # seconds for which is waited for what must come
SHORT = 0.02  # seconds for which is waited for what does not come

admin = redis.Redis(host=HOST, port=PORT)


def connect(**options):
    return redis.Redis(host=HOST, port=PORT, **options)


def check(got, want):
    assert got == want, "got %r, want %r" % (got, want)


def fails(kind, text, call, *args):
    try:
        got = call(*args)
    except kind as e:
        assert text in str(e), str(e)
    else:
        assert False, "no error, but %r" % (got,)


def await_(what, came):
    end = time.monotonic() + GIVE_UP
    while not came():
        assert time.monotonic() < end, "still not: " + what


class Blocked(threading.Thread):
    """A call that is to wait for something. The server counts it as blocked when the constructor is done."""

    def __init__(self, call, *args, **options):
        super().__init__(daemon=True)
        self.call = lambda: call(*args, **options)
        self.got = self.error = None
        before = admin.info("clients")["blocked_clients"]
        self.start()
        await_("a client is blocked", lambda: not self.is_alive() or admin.info("clients")["blocked_clients"] == before + 1)
        assert self.is_alive(), "not blocked: %r %r" % (self.got, self.error)

    def run(self):
        try:
            self.got = self.call()
        except Exception as e:
            self.error = e

    def result(self):
        self.join(GIVE_UP)
        assert not self.is_alive(), "still blocked"
        if self.error:
            raise self.error
        return self.got


def connects():
    r = connect(client_name="py", db=3, decode_responses=True)
    check(r.ping(), True)
    check(r.client_getname(), "py")
    check(r.client_info()["db"], 3)
    check(r.get("nosuch"), None)
    check(r.set("k", "v", ex=100, get=True), None)
    check(r.ttl("k"), 100)
    check(redis.Redis.from_url("redis://%s:%d/3" % (HOST, PORT)).get("k"), b"v")


def pipeline():
    with connect().pipeline(transaction=False) as p:
        for i in range(1000):
            p.set("pipeline:%d" % i, i).get("pipeline:%d" % i)
        got = p.execute()
        check(got[0::2], [True] * 1000)
        check(got[1::2], [b"%d" % i for i in range(1000)])
        p.set("pipeline:s", "x").incr("pipeline:s").get("pipeline:s")
        got = p.execute(raise_on_error=False)
        check((got[0], got[2]), (True, b"x"))
        assert isinstance(got[1], redis.ResponseError), got[1]


def transaction():
    r = connect()
    with r.pipeline() as p:  # redis-py's pipelines are transactions unless told otherwise
        check(p.set("tx", 1).incr("tx").hset("tx:h", mapping={"a": 1}).hgetall("tx:h").execute(), [True, 2, 1, {b"a": b"1"}])
        fails(redis.ResponseError, "WRONGTYPE", p.lpush("tx", "x").incr("tx").execute)
        check(r.get("tx"), b"3")
        fails(redis.ResponseError, "unknown command", p.incr("tx").execute_command("NOSUCH").execute)
        check(r.get("tx"), b"3")

        p.watch("tx")
        n = int(p.get("tx"))
        admin.incr("tx")
        p.multi()
        p.set("tx", n + 1)
        fails(redis.WatchError, "", p.execute)

    def add(p):
        n = int(p.get("counted") or 0)
        p.multi()
        p.set("counted", n + 1)

    adders = [threading.Thread(target=lambda: [r.transaction(add, "counted") for _ in range(25)]) for _ in range(4)]
    for t in adders:
        t.start()
    for t in adders:
        t.join()
    check(r.get("counted"), b"100")


def pubsub():
    r = connect()
    with r.pubsub() as sub:
        def expect(kind, channel, data, pattern=None):
            check(sub.get_message(timeout=GIVE_UP), {"type": kind, "pattern": pattern, "channel": channel, "data": data})

        sub.subscribe("a", "b")
        expect("subscribe", b"a", 1)
        expect("subscribe", b"b", 2)
        sub.psubscribe("a*")
        expect("psubscribe", b"a*", 3)
        check(r.publish("a", "1"), 2)
        expect("message", b"a", b"1")
        expect("pmessage", b"a", b"1", b"a*")
        sub.ping("still there")
        expect("pong", None, b"still there")
        check(sorted(r.pubsub_channels()), [b"a", b"b"])
        check(r.pubsub_numsub("a", "none"), [(b"a", 1), (b"none", 0)])
        check(r.pubsub_numpat(), 1)
        sub.unsubscribe("a")
        expect("unsubscribe", b"a", 2)
        sub.punsubscribe()
        expect("punsubscribe", b"a*", 1)
        for i in range(1000):
            r.publish("b", i)
        for i in range(1000):
            expect("message", b"b", b"%d" % i)
    got = []
    sub = r.pubsub(ignore_subscribe_messages=True)
    sub.subscribe(handled=lambda m: got.append(m["data"]))
    worker = sub.run_in_thread(sleep_time=SHORT, daemon=True)
    await_("the subscription", lambda: r.publish("handled", "x") == 1)
    await_("the message", lambda: got)
    worker.stop()
    worker.join(GIVE_UP)


def blocking():
    r = connect()
    check(r.blpop("block:none", timeout=SHORT), None)
    check(r.blmove("block:none", "block:none", SHORT), None)
    pop = Blocked(r.blpop, ["block:a", "block:b"], timeout=GIVE_UP)
    admin.rpush("block:b", "1")
    check(pop.result(), (b"block:b", b"1"))
    move = Blocked(r.blmove, "block:c", "block:d", GIVE_UP, "LEFT", "RIGHT")
    chained = Blocked(r.brpoplpush, "block:d", "block:e")
    admin.rpush("block:c", "x")
    check((move.result(), chained.result()), (b"x", b"x"))
    lowest = Blocked(r.bzpopmin, ["block:z"], GIVE_UP)
    admin.zadd("block:z", {"m": 1.5})
    check(lowest.result(), (b"block:z", b"m", 1.5))
    many = Blocked(r.blmpop, GIVE_UP, 2, "block:f", "block:g", direction="RIGHT", count=2)
    admin.rpush("block:g", "1", "2", "3")
    check(many.result(), [b"block:g", [b"3", b"2"]])
    check(r.xread({"block:s": "$"}, block=20), [])
    read = Blocked(r.xread, {"block:s": "$"}, block=GIVE_UP * 1000)
    admin.xadd("block:s", {"f": "v"}, id="1-1")
    check(read.result(), [[b"block:s", [(b"1-1", {b"f": b"v"})]]])
    unblocked = Blocked(connect(client_name="stuck").blpop, "block:none")
    stuck = next(c for c in admin.client_list() if c["name"] == "stuck")
    check(admin.client_unblock(int(stuck["id"]), error=True), True)
    fails(redis.ResponseError, "UNBLOCKED", unblocked.result)


def groups():
    r = connect()
    check(r.xgroup_create("jobs", "g", "0", mkstream=True), True)
    fails(redis.ResponseError, "BUSYGROUP", r.xgroup_create, "jobs", "g", "0")
    read = Blocked(r.xreadgroup, "g", "first", {"jobs": ">"}, 1, 0)
    admin.xadd("jobs", {"job": "0"}, id="1-1")
    check(read.result(), [[b"jobs", [(b"1-1", {b"job": b"0"})]]])
    check(r.xpending("jobs", "g"), {"pending": 1, "min": b"1-1", "max": b"1-1", "consumers": [{"name": b"first", "pending": 1}]})
    check(r.xautoclaim("jobs", "g", "second", 0)[1], [(b"1-1", {b"job": b"0"})])
    check(r.xack("jobs", "g", "1-1"), 1)
    check([c["name"] for c in r.xinfo_consumers("jobs", "g")], [b"first", b"second"])


def iterators():
    r = connect()
    n = 300
    with r.pipeline() as p:
        for i in range(n):
            p.set("scan:%d" % i, i).hset("scan-h", i, i).sadd("scan-s", i).zadd("scan-z", {i: i})
        p.execute()
    check(len(set(r.scan_iter("scan:*", count=20))), n)
    check(list(r.scan_iter("scan-*", _type="ZSET")), [b"scan-z"])
    check(len(dict(r.hscan_iter("scan-h", count=20))), n)
    check(len(set(r.sscan_iter("scan-s", count=20))), n)
    check(dict(r.zscan_iter("scan-z", count=20)), {b"%d" % i: float(i) for i in range(n)})
    check(len(r.sort("scan-s")), n)


def events():
    r = connect()
    r.config_set("notify-keyspace-events", "Ex")
    try:
        with r.pubsub() as sub:
            sub.psubscribe("__keyevent@*__:expired")
            check(sub.get_message(timeout=GIVE_UP)["type"], "psubscribe")
            r.set("event", "v", px=20)
            check(sub.get_message(timeout=GIVE_UP),
                  {"type": "pmessage", "pattern": b"__keyevent@*__:expired", "channel": b"__keyevent@0__:expired", "data": b"event"})
    finally:
        r.config_set("notify-keyspace-events", "")


def monitor():
    r = connect()
    with r.monitor() as m:
        r.set("monitored", "a \"b\"")
        command = m.next_command()
        check((command["db"], command["command"], command["client_type"]), (0, 'SET monitored a "b"', "tcp"))


def reconnect():
    r = connect()
    n = r.client_id()
    check(admin.client_kill_filter(_id=n), 1)
    await_("a new connection", lambda: r.client_id() != n)
    sub = r.pubsub()
    sub.subscribe("again")
    check(sub.get_message(timeout=GIVE_UP)["type"], "subscribe")
    await_("those of earlier sections are gone", lambda: len(admin.client_list(_type="pubsub")) == 1)
    check(admin.client_kill_filter(_type="pubsub"), 1)
    fails(redis.ConnectionError, "", sub.get_message, False, GIVE_UP)
    check(sub.get_message(timeout=GIVE_UP)["type"], "subscribe")
    check(r.publish("again", "hello"), 1)
    check(sub.get_message(timeout=GIVE_UP)["data"], b"hello")
    sub.close()


def gives_up():
    r = connect(socket_timeout=SHORT)
    n = None
    while n is None:
        try:
            n = r.client_id()
        except redis.TimeoutError:  # the machine is busy
            pass
    fails(redis.TimeoutError, "", r.blpop, "cancel")
    await_("the connection has ended", lambda: all(c["id"] != str(n) for c in admin.client_list()))
    admin.rpush("cancel", "kept")
    check(admin.lrange("cancel", 0, -1), [b"kept"])


def scripts():
    r = connect(decode_responses=True)
    admin.script_flush()
    check(r.eval("return {KEYS[1], ARGV[1], #ARGV, {ok = 'fine'}, 3.9, false}", 1, "script", "a", "b"), ["script", "a", 2, "fine", 3, None])
    fails(redis.ResponseError, "on purpose", r.eval, "return redis.error_reply('on purpose')", 0)
    sha = r.script_load("return redis.call('incrby', KEYS[1], ARGV[1])")
    check(r.script_exists(sha, "0" * 40), [True, False])
    check(r.evalsha(sha, 1, "script", 5), 5)
    fails(redis.exceptions.NoScriptError, "", r.evalsha, "0" * 40, 0)
    twice = r.register_script("return redis.call('incrby', KEYS[1], 2 * ARGV[1])")
    check(twice(keys=["script"], args=[5]), 15)
    admin.script_flush()
    check(twice(keys=["script"], args=[5]), 25)
    with r.pipeline() as p:  # loads what the server has forgotten, and only then sends the rest
        admin.script_flush()
        p.get("script")
        twice(keys=["script"], args=[1], client=p)
        twice(keys=["script"], args=[2], client=p)
        check(p.execute(), ["25", 27, 31])


def locks():
    mine = connect().lock("lock", timeout=600)
    theirs = connect().lock("lock", timeout=600, sleep=0.001)
    check((mine.acquire(), mine.locked(), mine.owned()), (True, True, True))
    check((theirs.acquire(blocking=False), theirs.locked(), theirs.owned()), (False, True, False))
    check(theirs.acquire(blocking_timeout=SHORT), False)
    fails(redis.exceptions.LockError, "unlocked", theirs.release)
    for act in theirs.release, lambda: theirs.extend(10), theirs.reacquire:
        theirs.local.token = b"a guess"
        fails(redis.exceptions.LockNotOwnedError, "no longer owned", act)
    check(mine.owned(), True)
    check(mine.extend(1000), True)
    assert 1000 < admin.ttl("lock") <= 1600, admin.ttl("lock")
    check(mine.extend(3600, replace_ttl=True), True)
    assert 3000 < admin.ttl("lock") <= 3600, admin.ttl("lock")
    check(mine.reacquire(), True)
    assert 0 < admin.ttl("lock") <= 600, admin.ttl("lock")

    waiting = threading.Thread(target=lambda: theirs.acquire() and theirs.release(), daemon=True)
    waiting.start()
    check(mine.owned(), True)
    mine.release()
    waiting.join(GIVE_UP)
    check((waiting.is_alive(), admin.exists("lock")), (False, 0))


def locks_that_expire():
    mine, theirs = connect().lock("lock", timeout=600), connect().lock("lock")
    check(mine.acquire(), True)
    admin.pexpire("lock", 1)
    await_("the lock has expired", lambda: not admin.exists("lock"))
    fails(redis.exceptions.LockNotOwnedError, "", mine.extend, 10)
    fails(redis.exceptions.LockNotOwnedError, "", mine.reacquire)
    check(theirs.acquire(blocking=False), True)
    fails(redis.exceptions.LockNotOwnedError, "", mine.release)
    check((theirs.owned(), admin.ttl("lock")), (True, -1))
    fails(redis.exceptions.LockError, "no timeout", theirs.extend, 10)
    theirs.release()
    check(admin.exists("lock"), 0)


def locks_exclude():
    inside, total, errors = [], [], []

    def add():
        r = connect()
        try:
            for _ in range(10):
                with r.lock("lock", timeout=600, sleep=0.001):
                    inside.append(1)
                    check(len(inside), 1)
                    total.append(1)
                    inside.pop()
        except Exception as e:
            errors.append(e)

    adders = [threading.Thread(target=add) for _ in range(8)]
    for t in adders:
        t.start()
    for t in adders:
        t.join()
    check((errors, len(total)), ([], 80))


for section in (connects, pipeline, transaction, pubsub, blocking, groups, iterators, events, monitor, reconnect, gives_up,
                scripts, locks, locks_that_expire, locks_exclude):
    try:
        section()
        verdict = "ok"
    except Exception:
        verdict = json.dumps(traceback.format_exc(limit=3))
    print(section.__name__, verdict, sep="\t", flush=True)
