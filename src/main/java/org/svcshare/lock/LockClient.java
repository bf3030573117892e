package org.svcshare.lock;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.svcshare.lock.Answer.Cancelled;
import org.svcshare.lock.Answer.Held;
import org.svcshare.lock.Answer.PerhapsDone;
import org.svcshare.lock.Answer.Refused;
import org.svcshare.lock.Answer.Release;
import org.svcshare.lock.Answer.Unreachable;
import org.svcshare.lock.Asking.Result;
import org.svcshare.lock.Http.Request;

/// Takes, renews and gives back locks, and looks at those of others. Thread-safe.
///
/// Every call blocks its thread, for no longer than it says; the `…Later` forms do that on a
/// virtual thread of their own. A request that gets no answer is repeated under its id, on the next
/// server if there are several, so that it is done once at most.
public final class LockClient {
    /// Longest time for an answer that a server need not wait for.
    private static final Duration ANSWER = Duration.ofSeconds(10);

    /// How long a server holds one look at a waiting ticket open.
    private static final Duration LOOK = Duration.ofSeconds(20);

    /// The same where there are others to ask: one that is stopped says nothing, and keeps the
    /// connection.
    private static final Duration LOOK_AT_ONE_OF_MANY = Duration.ofSeconds(10);

    /// Least patience once there is a ticket to lose: a server may be restarted.
    private static final Duration TICKET_PATIENCE = Duration.ofSeconds(60);

    private static final long LEAST_LOOK_MS = 200;

    private static final Duration WITHDRAWAL = Duration.ofSeconds(2);

    /// Longest wait a server takes.
    private static final Duration LONGEST_WAIT = Duration.ofDays(7);

    private static final Pattern AT_MOST = Pattern.compile("wait: expected at most (\\d{1,9})s");

    private final Access access;
    private final Asking asking;

    /// How long the server lets a place in line be kept, as far as it has said.
    private volatile Duration longestPlace = LONGEST_WAIT;

    public LockClient(Access access) {
        this.access = access;
        this.asking = new Asking(access);
    }

    /// Asks for a lock, and waits in line for it as long as the wish says.
    ///
    /// @param stop pulled by another thread to give up; what was got by then is given back
    public Answer acquire(Ask ask, Stop stop) {
        long began = System.nanoTime();
        Ask now = ask;
        while (true) {
            Answer answer = obtain(now, access.patience(), stop);
            if (answer instanceof Cancelled) {
                release(now.pool(), now.id(), WITHDRAWAL);
            }
            boolean again =
                    answer instanceof Refused(Why why, _)
                            && why == Why.TIMED_OUT
                            && longestPlace.compareTo(now.waits()) < 0;
            if (!again) {
                return answer;
            }
            // The server has a longest wait; who waits longer stands in line again.
            Duration left = ask.waits().minusNanos(System.nanoTime() - began);
            now = ask.again(LockId.draw(), max(left, Duration.ZERO));
        }
    }

    /// The same under this one id, for as long as the server lets a place be kept, and without
    /// giving anything back: that is left to the caller.
    ///
    /// @param patience how long to try while no server takes the wish; one that has taken it is
    ///   waited for longer
    public Answer obtain(Ask ask, Duration patience, Stop stop) {
        Duration waits = min(ask.waits(), longestPlace);
        Answer answer = once(ask, waits, patience, stop);
        Duration shorter = limit(answer).orElse(waits);
        if (shorter.compareTo(waits) >= 0) {
            return answer;
        }
        longestPlace = shorter;
        return once(ask, shorter, patience, stop);
    }

    private static Optional<Duration> limit(Answer answer) {
        if (!(answer instanceof Refused(Why why, String detail)) || why != Why.INVALID) {
            return Optional.empty();
        }
        Matcher limit = AT_MOST.matcher(detail);
        return limit.find()
                ? Optional.of(Duration.ofSeconds(Long.parseLong(limit.group(1))))
                : Optional.empty();
    }

    /// The same on a virtual thread; cancelling the future gives up.
    public CompletableFuture<Answer> acquireLater(Ask ask) {
        return later(
                stop -> acquire(ask, stop),
                answer -> {
                    if (answer instanceof Held(HeldLock lock)) {
                        release(lock.pool(), lock.id(), WITHDRAWAL);
                    }
                });
    }

    /// What one question for a place in line gave.
    public sealed interface Stood {
        /// It waits. Asking again under the same id keeps the place.
        record InLine() implements Stood {}

        record Settled(Answer answer) implements Stood {}
    }

    /// Takes a place in line, or looks after the one of this id, with one question and one look;
    /// whoever stays away for too long when the turn comes (`pools.claim` there) loses it. Other
    /// than [#acquire] it gives nothing back: that is left to the caller, who may ask again.
    ///
    /// @param ask how long the place is kept, unless the server wants it shorter, and for whom
    /// @param look how long to stay for the grant, counted from now
    /// @param limit for each answer, beyond the look
    public Stood stand(Ask ask, Duration look, Duration limit, Stop stop) {
        long began = System.nanoTime();
        Duration waits = min(ask.waits(), longestPlace);
        Result result = asking.ask(wish(ask, waits), limit, Duration.ZERO, stop);
        Duration shorter = limit(answer(ask.id(), ask.pool(), result)).orElse(waits);
        if (shorter.compareTo(waits) < 0) {
            longestPlace = shorter;
            result = asking.ask(wish(ask, shorter), limit, Duration.ZERO, stop);
        }
        Duration left = min(LOOK, look.minusNanos(System.nanoTime() - began));
        if (queued(result) && left.isPositive()) {
            result = asking.look(lock(ask.pool(), ask.id()), left, limit, Duration.ZERO, stop);
        }
        return queued(result)
                ? new Stood.InLine()
                : new Stood.Settled(answer(ask.id(), ask.pool(), result));
    }

    private static Request wish(Ask ask, Duration wait) {
        String body =
                Fields.write(
                        "id", ask.id().text(),
                        "wait", millis(wait),
                        "ttl", millis(ask.ttl()),
                        "grace", millis(ask.grace()),
                        "mode", ask.mode().name().toLowerCase(Locale.ROOT),
                        "holder", ask.holder(),
                        "reason", ask.reason());
        return new Request("POST", locks(ask.pool()), body, "Prefer: respond-async\r\n");
    }

    private Answer once(Ask ask, Duration wait, Duration patience, Stop stop) {
        long until = System.nanoTime() + wait.toNanos();
        Result result = asking.ask(wish(ask, wait), ANSWER, patience, stop);
        boolean moved = moved(result, result);
        if (!queued(result)) {
            return settled(ask, result, moved, stop);
        }
        Result first = result;
        while (queued(result)) {
            // Being told takes a moment, so look a little longer than the server waits.
            long leftNanos = until - System.nanoTime() + Duration.ofSeconds(1).toNanos();
            Duration longest = asking.servers() > 1 ? LOOK_AT_ONE_OF_MANY : LOOK;
            Duration look = min(longest, Duration.ofNanos(Math.max(1_000_000, leftNanos)));
            long began = System.nanoTime();
            result =
                    asking.look(
                            lock(ask.pool(), ask.id()),
                            look,
                            ANSWER,
                            max(patience, TICKET_PATIENCE),
                            stop);
            moved |= moved(first, result);
            if (queued(result) && System.nanoTime() - began < LEAST_LOOK_MS * 1_000_000) {
                // It did not wait with us; that must not become a storm.
                stop.rest(LEAST_LOOK_MS);
            }
        }
        if (result instanceof Result.Silence(String why, _)) {
            // There was a ticket, so there may be one.
            return new PerhapsDone(why);
        }
        return settled(ask, result, moved, stop);
    }

    /// Whether another server was asked than the one that answered now: that one may take us for
    /// gone.
    private static boolean moved(Result before, Result now) {
        return before instanceof Result.Answered first
                && now instanceof Result.Answered last
                && (last.repeated() || first.server() != last.server());
    }

    /// @param moved whether a server may take us for gone, and have the lock kept for a moment
    ///   only: a renewal says otherwise
    private Answer settled(Ask ask, Result result, boolean moved, Stop stop) {
        Answer answer = answer(ask.id(), ask.pool(), result);
        return answer instanceof Held(HeldLock lock) && (moved || stale(lock, ask.ttl()))
                ? renew(lock, ask.ttl(), access.patience(), stop)
                : answer;
    }

    /// A grant that was long on its way, as at the end of a look, has little of its lease left.
    private static boolean stale(HeldLock lock, Duration ttl) {
        if (!lock.hasEnd()) {
            return false;
        }
        Duration left = lock.left(System.nanoTime());
        return left.multipliedBy(3).compareTo(ttl.multipliedBy(2)) < 0;
    }

    /// Sets a lock to last so long from now.
    ///
    /// @param patience how long to try while no server answers; one round is made in any case
    public Answer renew(HeldLock lock, Duration ttl, Duration patience, Stop stop) {
        Duration limit = min(ANSWER, max(patience, Duration.ofMillis(200)));
        return renew(lock.pool(), lock.id(), ttl, limit, patience, stop);
    }

    /// The same, asked once.
    ///
    /// @param limit for the answer
    public Answer renewOnce(String pool, LockId id, Duration ttl, Duration limit, Stop stop) {
        return renew(pool, id, ttl, limit, Duration.ZERO, stop);
    }

    private Answer renew(
            String pool, LockId id, Duration ttl, Duration limit, Duration patience, Stop stop) {
        var request = new Request("PUT", lock(pool, id), Fields.write("ttl", millis(ttl)), "");
        return answer(id, pool, asking.ask(request, limit, patience, stop));
    }

    /// Looks whether a lock is still ours, asked once; does not make it last longer.
    ///
    /// @param limit for the answer
    public Answer see(String pool, LockId id, Duration limit, Stop stop) {
        var request = new Request("GET", lock(pool, id), "", "");
        return answer(id, pool, asking.ask(request, limit, Duration.ZERO, stop));
    }

    public CompletableFuture<Answer> renewLater(HeldLock lock, Duration ttl, Duration patience) {
        return later(stop -> renew(lock, ttl, patience, stop), _ -> {});
    }

    /// Gives a lock back, or a place in line.
    ///
    /// @param patience how long to try while no server answers; one round is made in any case
    public Release release(String pool, LockId id, Duration patience) {
        var request = new Request("DELETE", lock(pool, id), "", "");
        Result result = asking.ask(request, min(ANSWER, patience), patience, new Stop());
        // Not one switch: over types it takes a command that is run for a moment 10 ms to begin.
        if (result instanceof Result.Answered(Reply reply, _, _, _, _)) {
            return released(reply);
        }
        return switch (result) {
            case Result.Answered(Reply reply, _, _, _, _) -> released(reply);
            case Result.Silence(String why, boolean perhaps) ->
                    perhaps ? new PerhapsDone(why) : new Unreachable(why);
            case Result.Stopped _ -> new PerhapsDone("interrupted");
        };
    }

    private static Release released(Reply reply) {
        if (reply.status() / 100 == 2) {
            return new Release.Done();
        }
        Refused refused = refused(reply);
        if (refused.why() == Why.RELEASED) {
            return new Release.Done();
        }
        // If nobody remembers it, it is not ours either.
        return refused.why().lost() ? new Release.Gone(refused.why(), refused.detail()) : refused;
    }

    public CompletableFuture<Release> releaseLater(HeldLock lock, Duration patience) {
        return later(_ -> release(lock.pool(), lock.id(), patience), _ -> {});
    }

    /// What a look at something gave.
    public sealed interface Look {
        /// @param json the document, as it came
        record Seen(String json) implements Look {}

        record Not(Answer why) implements Look {}
    }

    /// Gets a document of the API.
    ///
    /// @param target path and query from `/api/v1` on, encoded
    public Look look(String target) {
        return seen(
                asking.ask(
                        new Request("GET", target, "", ""), ANSWER, access.patience(), new Stop()));
    }

    /// The same, asked once.
    ///
    /// @param limit for the answer
    public Look look(String target, Duration limit, Stop stop) {
        return seen(asking.ask(new Request("GET", target, "", ""), limit, Duration.ZERO, stop));
    }

    /// Ends somebody's ticket, held or waiting. Needs the role admin.
    public Look force(long ticket) {
        var request = new Request("DELETE", "/api/v1/tickets/" + ticket, "", "");
        return seen(asking.ask(request, ANSWER, access.patience(), new Stop()));
    }

    /// Changes something that is no lock, such as the group of machines behind the pools. Needs the
    /// role admin. Nothing is repeated on the same server.
    ///
    /// @param target path from `/api/v1` on, encoded
    /// @param limit for the answer of one server
    /// @param namesAndTexts of the body's fields: a name, its text, a name, …
    public Look change(String method, String target, Duration limit, String... namesAndTexts) {
        String body = namesAndTexts.length == 0 ? "" : Fields.write(namesAndTexts);
        var request = new Request(method, target, body, "");
        return seen(asking.ask(request, limit, Duration.ZERO, new Stop()));
    }

    private static Look seen(Result result) {
        return switch (result) {
            case Result.Answered(Reply reply, _, _, _, _) ->
                    reply.status() / 100 == 2
                            ? new Look.Seen(reply.body())
                            : new Look.Not(refused(reply));
            case Result.Silence(String why, _) -> new Look.Not(new Unreachable(why));
            case Result.Stopped _ -> new Look.Not(new Cancelled());
        };
    }

    /// Text for a part of a path.
    public static String encode(String part) {
        var encoded = new StringBuilder();
        for (byte b : part.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            if (c < 0x80 && (Character.isLetterOrDigit(c) || "-._~".indexOf(c) >= 0)) {
                encoded.append(c);
            } else {
                encoded.append(String.format(Locale.ROOT, "%%%02X", (int) c));
            }
        }
        return encoded.toString();
    }

    private static Answer answer(LockId id, String pool, Result result) {
        if (result instanceof Result.Answered answered) {
            return answer(id, pool, answered);
        }
        return switch (result) {
            case Result.Answered answered -> answer(id, pool, answered);
            case Result.Silence(String why, boolean perhaps) ->
                    perhaps ? new PerhapsDone(why) : new Unreachable(why);
            case Result.Stopped _ -> new Cancelled();
        };
    }

    private static Answer answer(LockId id, String pool, Result.Answered answered) {
        Reply reply = answered.reply();
        if (reply.status() / 100 != 2) {
            return refused(reply);
        }
        Fields fields = Fields.read(reply.body());
        OptionalLong ticket = fields.number("ticket");
        OptionalLong fence = fields.number("fence");
        boolean granted = fields.text("state").equals("granted");
        if (!granted || ticket.isEmpty() || fence.isEmpty()) {
            return new Refused(Why.OTHER, "an answer that is not understood");
        }
        boolean forever = fields.text("ttlMs").isEmpty();
        // 0 would be for ever.
        long lastsMs = Math.max(1, fields.number("ttlMs").orElse(0));
        return new Held(
                new HeldLock(
                        id,
                        pool,
                        ticket.getAsLong(),
                        fence.getAsLong(),
                        forever ? Duration.ZERO : Duration.ofMillis(lastsMs),
                        answered.askedNanos(),
                        answered.asked()));
    }

    private static boolean queued(Result result) {
        return result instanceof Result.Answered(Reply reply, _, _, _, _)
                && reply.status() / 100 == 2
                && Fields.read(reply.body()).text("state").equals("queued");
    }

    private static Refused refused(Reply reply) {
        Fields problem = Fields.read(reply.body());
        return new Refused(
                Why.of(problem.text("code"), reply.status()), Asking.detail(problem, reply));
    }

    /// @param unwanted gets what came after the future had been cancelled
    private static <T> CompletableFuture<T> later(Function<Stop, T> call, Consumer<T> unwanted) {
        var stop = new Stop();
        var future =
                new CompletableFuture<T>() {
                    @Override
                    public boolean cancel(boolean interrupt) {
                        boolean cancelled = super.cancel(interrupt);
                        stop.pull();
                        return cancelled;
                    }
                };
        Thread.ofVirtual()
                .name("lock")
                .start(() -> {
                    try {
                        T answer = call.apply(stop);
                        if (!future.complete(answer)) {
                            unwanted.accept(answer);
                        }
                    } catch (RuntimeException e) {
                        future.completeExceptionally(e);
                    }
                });
        return future;
    }

    private static String locks(String pool) {
        return "/api/v1/pools/" + encode(pool) + "/locks";
    }

    private static String lock(String pool, LockId id) {
        return locks(pool) + "/" + id.text();
    }

    private static String millis(Duration duration) {
        return duration.isZero() ? "0" : Math.max(1, duration.toMillis()) + "ms";
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    private static Duration max(Duration a, Duration b) {
        return a.compareTo(b) > 0 ? a : b;
    }
}
