package org.svcshare.cli;

import java.time.Instant;
import java.util.concurrent.Callable;
import org.svcshare.cli.PoolTalk.Seen;
import org.svcshare.lock.LockClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
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
    private final Surroundings surroundings;

    @Mixin private final Servers servers = new Servers();
    @Mixin private final StaleOption stale = new StaleOption();
    @Mixin private final TableOptions options = new TableOptions();

    @Option(names = "--pool", paramLabel = "POOL", description = "Only those of this pool.")
    private String pool = "";

    TicketsCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws InterruptedException {
        return options.run(this::once, code -> code == ExitCode.OK);
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
        if (options.json()) {
            talk.print(seen.get());
            return ExitCode.OK;
        }
        Instant now = PoolTalk.now(seen.get());
        options.clear(surroundings);
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
