package org.svcshare.daemon;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.svcshare.bot.Lock;
import org.svcshare.lock.Answer.Held;
import org.svcshare.lock.Answer.PerhapsDone;
import org.svcshare.lock.Answer.Refused;
import org.svcshare.lock.Answer.Release;
import org.svcshare.lock.Answer.Unreachable;
import org.svcshare.lock.Ask;
import org.svcshare.lock.HeldLock;
import org.svcshare.lock.LockClient;
import org.svcshare.lock.LockClient.Look;
import org.svcshare.lock.LockClient.Stood;
import org.svcshare.lock.LockId;
import org.svcshare.lock.Stop;
import org.svcshare.lock.Why;
import org.svcshare.pool.Mode;
import org.svcshare.pool.RequestId;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A pool of another svcshare as a lock, over HTTP. Thread-safe.
///
/// Each question goes out on a virtual thread of its own, has an end in time, and is asked once:
/// repeating it is the caller's affair. However slow the server, only a few are on their way.
final class RemoteLock implements Lock, AutoCloseable {
    /// The place in the queue of a bot that has died is kept for so long; when its turn comes
    /// nobody answers, and the next one has it after `pools.claim`.
    private static final Duration IN_QUEUE = Duration.ofHours(24);

    private static final Duration LONGEST_ANSWER = Duration.ofSeconds(10);
    private static final Duration SHORT = Duration.ofSeconds(3);

    private static final int MOST_CALLS = 8;

    /// Of one lock: a renewal that is slow is overtaken by later ones.
    private static final int MOST_RENEWALS = 3;

    private final GuardServer server;
    private final GuardGroup group;
    private final Set<Call> calls = new HashSet<>();
    private boolean closed;

    private enum Kind {
        ACQUIRE,
        RENEW,
        RELEASE
    }

    /// A question on its way. One is not like the other, even if it asks the same.
    private static final class Call {
        final Kind kind;
        final RequestId id;
        final Stop stop = new Stop();
        @Nullable Thread thread;

        Call(Kind kind, RequestId id) {
            this.kind = kind;
            this.id = id;
        }
    }

    RemoteLock(GuardServer server) {
        this.server = server;
        this.group = new GuardGroup(server);
    }

    @Override
    public void acquire(RequestId id, Wanted wanted, Duration patience, Consumer<Answer> then) {
        ask(Kind.ACQUIRE, id, 1, call -> stand(call, wanted, patience), then);
    }

    @Override
    public void renew(RequestId id, Duration lease, Consumer<Answer> then) {
        ask(Kind.RENEW, id, MOST_RENEWALS, call -> renewed(call, lease), then);
    }

    @Override
    public void release(RequestId id, Consumer<Answer> then) {
        List<Call> before = end(id);
        ask(Kind.RELEASE, id, 1, call -> released(call, before), then);
    }

    /// How many questions are on their way.
    synchronized int underWay() {
        return calls.size();
    }

    private void ask(
            Kind kind,
            RequestId id,
            int most,
            Function<Call, Answer> question,
            Consumer<Answer> then) {
        var call = new Call(kind, id);
        synchronized (this) {
            long same = calls.stream().filter(c -> c.kind == kind && c.id.equals(id)).count();
            if (closed || same >= most) {
                // Those before it will tell.
                return;
            }
            if (calls.size() < MOST_CALLS) {
                calls.add(call);
                call.thread =
                        Thread.ofVirtual()
                                .name("guard")
                                .start(() -> {
                                    Answer answer = answer(question, call);
                                    if (done(call)) {
                                        then.accept(answer);
                                    }
                                });
                return;
            }
        }
        then.accept(
                new Answer.Failed(server.address() + ": too many questions have no answer yet"));
    }

    private static Answer answer(Function<Call, Answer> question, Call call) {
        try {
            return question.apply(call);
        } catch (RuntimeException e) {
            return new Answer.Failed(e.toString());
        }
    }

    /// @return whether anybody wants to know
    private synchronized boolean done(Call call) {
        calls.remove(call);
        return !call.stop.pulled();
    }

    /// Ends what is asked of a lock that nobody wants any longer.
    private synchronized List<Call> end(RequestId id) {
        var ended = new ArrayList<Call>();
        for (Call call : calls) {
            if (call.kind != Kind.RELEASE && call.id.equals(id)) {
                call.stop.pull();
                ended.add(call);
            }
        }
        return ended;
    }

    private Answer stand(Call call, Wanted wanted, Duration patience) {
        var ask =
                new Ask(
                        lockId(call.id),
                        server.pool(),
                        // A list of holders has the names of tokens.
                        server.named() ? "" : wanted.holder(),
                        server.named() ? wanted.holder() + ", " + wanted.reason() : wanted.reason(),
                        Mode.EXCLUSIVE,
                        IN_QUEUE,
                        wanted.lease(),
                        Duration.ZERO);
        Stood stood = server.client().stand(ask, patience, limit(wanted.lease()), call.stop);
        return switch (stood) {
            case Stood.InLine() -> new Answer.Waits(holder(call));
            case Stood.Settled(Held(var lock)) -> alone(call, lock);
            case Stood.Settled(Refused(var why, String detail)) when why == Why.UNKNOWN_POOL ->
                    new Answer.Barred(server.words(why, detail));
            case Stood.Settled(var no) -> server.no(no);
        };
    }

    /// A lock that others may hold at the same time guards nothing.
    private Answer alone(Call call, HeldLock lock) {
        Optional<String> stranger = group.stranger(lock, SHORT, call.stop);
        if (stranger.isPresent()) {
            return new Answer.Barred(stranger.get());
        }
        Look look = server.client().look(server.target(), SHORT, call.stop);
        return switch (look) {
            case Look.Not(var why) -> server.no(why);
            case Look.Seen(String text) -> {
                int slots = json(text).path("slots").asInt(0);
                yield slots == 1
                        ? new Answer.Held(lock.fence())
                        : new Answer.Barred(GuardCheck.slots(server, slots));
            }
        };
    }

    /// Who has it, and what for; empty when that cannot be found out.
    private String holder(Call call) {
        String target = "/api/v1/tickets?limit=1&pool=" + LockClient.encode(server.pool());
        Look look = server.client().look(target, SHORT, call.stop);
        if (!(look instanceof Look.Seen(String text))) {
            return "";
        }
        JsonNode ticket = json(text).path("tickets").path(0);
        if (ticket.path("state").asString("").equals("waiting")) {
            return "";
        }
        String holder = GuardServer.plain(ticket.path("holder").asString(""));
        String reason = GuardServer.plain(ticket.path("reason").asString(""));
        return reason.isEmpty() ? holder : holder + " (" + reason + ")";
    }

    static JsonNode json(String text) {
        try {
            return JsonMapper.shared().readTree(text);
        } catch (JacksonException _) {
            return JsonMapper.shared().createObjectNode();
        }
    }

    private Answer renewed(Call call, Duration lease) {
        var answer =
                server.client()
                        .renewOnce(server.pool(), lockId(call.id), lease, limit(lease), call.stop);
        if (!(answer instanceof Held(var lock))) {
            return server.no(answer);
        }
        // Even counted from now it ends before the caller is going to believe.
        Duration ends = lock.lasts().plusNanos(System.nanoTime() - lock.askedNanos());
        return lock.hasEnd() && ends.compareTo(lease.multipliedBy(9).dividedBy(10)) < 0
                ? new Answer.Failed(server.address() + " gives less time than was asked for")
                : new Answer.Held(lock.fence());
    }

    private Answer released(Call call, List<Call> before) {
        for (Call earlier : before) {
            // Its question must not arrive after this one.
            join(earlier);
        }
        return switch (server.client().release(server.pool(), lockId(call.id), SHORT)) {
            case Release.Done(), Release.Gone _ -> new Answer.GivenBack();
            case Refused refused -> server.no(refused);
            case Unreachable unreachable -> server.no(unreachable);
            case PerhapsDone perhaps -> server.no(perhaps);
        };
    }

    private void join(Call earlier) {
        Thread thread;
        synchronized (this) {
            thread = earlier.thread;
        }
        try {
            if (thread != null) {
                thread.join(SHORT);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// An answer that comes later is of little use.
    private static Duration limit(Duration lease) {
        Duration most = lease.multipliedBy(2).dividedBy(3);
        return most.compareTo(LONGEST_ANSWER) < 0 ? most : LONGEST_ANSWER;
    }

    private static LockId lockId(RequestId id) {
        return new LockId(id.text());
    }

    /// Ends everything that is under way; nobody is told.
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            calls.forEach(call -> call.stop.pull());
        }
    }
}
