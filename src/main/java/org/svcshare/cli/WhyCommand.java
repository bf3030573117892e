package org.svcshare.cli;

import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.stream.StreamSupport;
import org.svcshare.cli.PoolTalk.Seen;
import org.svcshare.lock.LockClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// `svcshare lock why`: what somebody wants to know who waits.
@Command(
        header = "Tell who holds a lock, since when and what for, who waits, and what can be done.",
        footerHeading = "%nExamples:%n",
        footer = {"  svcshare lock why build", "  svcshare lock why build --json"})
final class WhyCommand implements Callable<Integer> {
    private static final int MOST_WAITERS = 20;

    private final Surroundings surroundings;

    @Mixin private final Servers servers = new Servers();
    @Mixin private final StaleOption stale = new StaleOption();

    @Option(names = "--json", description = "The same as one JSON document.")
    private boolean json;

    @Parameters(paramLabel = "POOL", description = "Which lock.")
    private String name = "";

    WhyCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() {
        var talk = new PoolTalk(surroundings);
        Seen seen = talk.ask(servers, stale.target("/api/v1/pools/" + LockClient.encode(name)));
        if (!seen.ok()) {
            return seen.code();
        }
        JsonNode pool = seen.get();
        if (json) {
            talk.print(pool);
            return ExitCode.OK;
        }
        StaleOption.tell(pool, surroundings);
        tell(pool, surroundings.out());
        return ExitCode.OK;
    }

    private void tell(JsonNode pool, PrintStream out) {
        Instant now = PoolTalk.now(pool);
        long slots = pool.path("slots").asLong(1);
        long taken = pool.path("slotsTaken").asLong(0);
        long waiting = pool.path("waiting").asLong(0);
        out.println(
                name
                        + ": "
                        + (taken == 0
                                ? "nobody holds it"
                                : slots == 1 ? "taken" : taken + " of " + slots + " slots taken")
                        + (waiting == 0 ? "" : ", " + waiting + " waiting"));
        long meanMs = pool.path("meanHoldMs").asLong(0);
        if (meanMs > 0) {
            out.println("usually held for " + PoolTalk.time(Duration.ofMillis(meanMs)));
        }
        tickets(pool, state -> !state.equals("waiting"), Long.MAX_VALUE)
                .forEach(ticket -> out.println(holder(ticket, now)));
        tickets(pool, state -> state.equals("waiting"), MOST_WAITERS)
                .forEach(ticket -> out.println(waiter(ticket, now)));
        if (waiting > MOST_WAITERS) {
            out.println("  … and " + (waiting - MOST_WAITERS) + " more");
        }
        if (taken > 0) {
            out.println("An operator can end a ticket: svcshare unlock TICKET");
        }
    }

    private static Iterable<JsonNode> tickets(JsonNode pool, Predicate<String> state, long most) {
        return StreamSupport.stream(pool.path("tickets").spliterator(), false)
                .filter(ticket -> state.test(ticket.path("state").asString("")))
                .limit(most)
                .toList();
    }

    private static String holder(JsonNode ticket, Instant now) {
        Instant until = PoolTalk.time(ticket.path("until"));
        boolean over = ticket.path("state").asString("").equals("unlocking");
        String ends = PoolTalk.between(now, until);
        return "held by "
                + who(ticket, now)
                + (over
                        ? ", its lease is over, the next gets it in " + ends
                        : until == null
                                ? ", until it is given back"
                                : ", ends in " + ends + " unless renewed")
                + reason(ticket);
    }

    private static String waiter(JsonNode ticket, Instant now) {
        Instant until = PoolTalk.time(ticket.path("until"));
        return "  "
                + ticket.path("position").asString("")
                + ". "
                + who(ticket, now)
                + (until == null ? "" : ", gives up in " + PoolTalk.between(now, until))
                + reason(ticket);
    }

    private static String who(JsonNode ticket, Instant now) {
        String mode = ticket.path("mode").asString("").equals("shared") ? ", shared" : "";
        String since = PoolTalk.between(PoolTalk.time(ticket.path("since")), now);
        return plain(ticket.path("holder").asString("somebody"))
                + " (ticket "
                + ticket.path("ticket").asString("")
                + mode
                + ") for "
                + since;
    }

    private static String reason(JsonNode ticket) {
        String reason = plain(ticket.path("reason").asString(""));
        return reason.isEmpty() ? "" : ": " + reason;
    }

    /// What others wrote must not steer our terminal.
    private static String plain(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }
}
