package org.svcshare.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.svcshare.cli.PoolTalk.Seen;
import org.svcshare.lock.LockClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/// `svcshare tickets`: who holds and who waits.
@Command(
        header = "List the tickets: who holds a lock or waits for one, since when and what for.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  svcshare tickets",
            "  svcshare tickets --pool build --watch",
            "  svcshare tickets --stale                # of a group that has no leader just now",
            "  svcshare tickets --json | jq '.tickets[] | select(.state == \"held\")'"
        })
final class TicketsCommand implements Callable<Integer> {
    private static final Duration EVERY = Duration.ofSeconds(2);
    private static final String CLEAR = "\u001b[H\u001b[2J";

    private final Surroundings surroundings;

    @Spec private @Nullable CommandSpec spec;
    @Mixin private final Servers servers = new Servers();
    @Mixin private final StaleOption stale = new StaleOption();

    @Option(names = "--json", description = "The same as one JSON document.")
    private boolean json;

    @Option(names = "--watch", description = "Again every two seconds, until stopped.")
    private boolean watch;

    @Option(names = "--pool", paramLabel = "POOL", description = "Only those of this pool.")
    private String pool = "";

    TicketsCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws Exception {
        if (json && watch) {
            throw new ParameterException(
                    Objects.requireNonNull(spec).commandLine(),
                    "--json prints one document, --watch many: expected one of them");
        }
        int code = once();
        while (watch && code == ExitCode.OK) {
            Thread.sleep(EVERY);
            code = once();
        }
        return code;
    }

    private int once() {
        var talk = new PoolTalk(surroundings);
        String target = "/api/v1/tickets";
        Seen seen =
                talk.ask(
                        servers,
                        stale.target(
                                pool.isEmpty()
                                        ? target
                                        : target + "?pool=" + LockClient.encode(pool)));
        if (!seen.ok()) {
            return seen.code();
        }
        if (json) {
            talk.print(seen.get());
            return ExitCode.OK;
        }
        Instant now = PoolTalk.now(seen.get());
        if (watch && surroundings.terminal().getAsBoolean()) {
            surroundings.out().print(CLEAR);
        }
        StaleOption.tell(seen.get(), surroundings);
        var table =
                new Table("TICKET", "POOL", "STATE", "HOLDER", "FOR", "ENDS IN", "FENCE", "REASON");
        for (JsonNode ticket : seen.get().path("tickets")) {
            String state = ticket.path("state").asString("");
            table.row(
                    ticket.path("ticket").asString(""),
                    ticket.path("pool").asString(""),
                    state.equals("waiting")
                            ? "waiting, " + ticket.path("position").asString("")
                            : ticket.path("mode").asString("").equals("shared")
                                    ? state + ", shared"
                                    : state,
                    ticket.path("holder").asString(""),
                    PoolTalk.between(PoolTalk.time(ticket.path("since")), now),
                    PoolTalk.between(now, PoolTalk.time(ticket.path("until"))),
                    ticket.path("fence").asString(""),
                    ticket.path("reason").asString(""));
        }
        table.print(surroundings.out());
        return ExitCode.OK;
    }
}
