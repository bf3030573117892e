package org.svcshare.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `svcshare unlock`: an operator's way out.
@Command(
        header = "End somebody's ticket, held or waiting, by its number.",
        description = {
            "",
            "The holder is not asked: svcshare lock notices at its next renewal and stops its"
                    + " command, other programs may not. Where the server has tokens it takes one"
                    + " with the role admin.",
            ""
        },
        footerHeading = "%nExamples:%n",
        footer = {"  svcshare lock why build", "  svcshare unlock 17"})
final class UnlockCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin private final Servers servers = new Servers();

    @Parameters(paramLabel = "TICKET", description = "Its number, from svcshare tickets.")
    private long ticket;

    UnlockCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() {
        return new PoolTalk(surroundings).force(servers, ticket).code();
    }
}
