package org.svcshare.cli;

import java.time.Duration;
import java.util.concurrent.Callable;
import org.svcshare.cli.PoolTalk.Seen;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/// `svcshare pools`: which locks there are.
@Command(
        header = "List the pools: how many slots they have, how many are taken, how many wait.",
        footerHeading = "%nExamples:%n",
        footer = {"  svcshare pools", "  svcshare pools --json"})
final class PoolsCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin private final Servers servers = new Servers();
    @Mixin private final StaleOption stale = new StaleOption();

    @Option(names = "--json", description = "The same as one JSON document.")
    private boolean json;

    PoolsCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() {
        var talk = new PoolTalk(surroundings);
        Seen seen = talk.ask(servers, stale.target("/api/v1/pools"));
        if (!seen.ok()) {
            return seen.code();
        }
        if (json) {
            talk.print(seen.get());
            return ExitCode.OK;
        }
        StaleOption.tell(seen.get(), surroundings);
        var table = new Table("POOL", "SLOTS", "TAKEN", "HELD", "WAITING", "USUALLY HELD", "");
        for (JsonNode pool : seen.get().path("pools")) {
            long heldMs = pool.path("meanHoldMs").asLong(0);
            table.row(
                    pool.path("name").asString(""),
                    pool.path("slots").asString(""),
                    pool.path("slotsTaken").asString(""),
                    pool.path("held").asString(""),
                    pool.path("waiting").asString(""),
                    heldMs == 0 ? "" : PoolTalk.time(Duration.ofMillis(heldMs)),
                    pool.path("declared").asBoolean(true) ? "" : "not declared");
        }
        table.print(surroundings.out());
        return ExitCode.OK;
    }
}
