package org.svcshare.daemon;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.svcshare.lock.Answer;
import org.svcshare.lock.LockClient.Look;
import org.svcshare.lock.LockId;
import org.svcshare.lock.Stop;
import org.svcshare.lock.Why;
import tools.jackson.databind.JsonNode;

/// Looks whether a bot could use the pool of another svcshare as its guard, without taking it.
final class GuardCheck {
    private static final String SUBJECT = "guard";

    /// Engines that share nothing with another server.
    private static final Set<String> ALONE = Set.of("memory", "journal");

    private static final Duration LIMIT = Duration.ofSeconds(5);

    private final GuardServer server;
    private final boolean oneOfMany;

    private GuardCheck(GuardServer server, boolean oneOfMany) {
        this.server = server;
        this.oneOfMany = oneOfMany;
    }

    /// One for each server.
    static List<GuardCheck> of(GuardServer guard) {
        return guard.each().isEmpty()
                ? List.of(new GuardCheck(guard, false))
                : guard.each().stream().map(each -> new GuardCheck(each, true)).toList();
    }

    Finding look() {
        // Nobody has a lock of this id, and only who may lock is told so.
        Look lock = see(server.target() + "/locks/" + LockId.draw().text());
        if (lock instanceof Look.Not(Answer.Refused(Why why, String detail))) {
            if (why != Why.UNKNOWN_TICKET && why != Why.NOT_OWNER) {
                return Finding.broken(SUBJECT, server.words(why, detail));
            }
            return pool();
        }
        return lock instanceof Look.Not(var why)
                ? Finding.broken(SUBJECT, unreached(why))
                : Finding.broken(SUBJECT, server.address() + " does not speak as ours do");
    }

    private Finding pool() {
        String who = "pool '" + server.pool() + "' at " + server.address();
        return switch (see(server.target())) {
            // It comes into being when it is used.
            case Look.Not(Answer.Refused(Why why, _)) when why == Why.UNKNOWN_POOL -> engine(who);
            case Look.Not(var why) -> Finding.broken(SUBJECT, unreached(why));
            case Look.Seen(String text) -> {
                JsonNode pool = RemoteLock.json(text);
                int slots = pool.path("slots").asInt(0);
                yield slots == 1
                        ? engine(who + (pool.path("held").asInt(0) > 0 ? " is taken now" : ""))
                        : Finding.broken(SUBJECT, slots(server, slots));
            }
        };
    }

    /// Whether leases outlive a restart there.
    private Finding engine(String text) {
        String engine =
                see("/api/v1/status") instanceof Look.Seen(String status)
                        ? RemoteLock.json(status).path("pools").path("engine").asString("")
                        : "";
        if (oneOfMany && ALONE.contains(engine)) {
            return Finding.broken(
                    SUBJECT,
                    text
                            + ": has its locks for itself (pools.engine = "
                            + engine
                            + "), and other servers are named beside it: a guard needs servers of"
                            + " one group");
        }
        return engine.equals("memory")
                ? Finding.doubtful(
                        SUBJECT,
                        text
                                + ": a restart there forgets who has it, so that two gates may be"
                                + " open; use pools.engine = journal there")
                : Finding.well(SUBJECT, text);
    }

    static String slots(GuardServer server, int slots) {
        return "pool '"
                + server.pool()
                + "' at "
                + server.address()
                + " has "
                + slots
                + " slots, a guard needs a pool with one";
    }

    private Look see(String target) {
        return server.client().look(target, LIMIT, new Stop());
    }

    private static String unreached(Answer why) {
        return switch (why) {
            case Answer.Unreachable(String detail) ->
                    "cannot be asked: " + GuardServer.plain(detail);
            case Answer.PerhapsDone(String detail) -> GuardServer.plain(detail);
            case Answer.Refused(_, String detail) -> GuardServer.plain(detail);
            case Answer.Held _, Answer.Cancelled _ -> "no answer";
        };
    }
}
