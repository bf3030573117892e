package org.svcshare.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.concurrent.Callable;
import org.svcshare.lock.Content;
import org.svcshare.lock.LockClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `svcshare event`: something that all members are told.
@Command(
        header = "Call something out to all members of the group.",
        description = {
            "",
            "Each does with it what its settings say. A member that is away does not hear it.",
            ""
        },
        footerHeading = "%nExamples:%n",
        footer = {"  svcshare event deploy v7", "  svcshare event reload"})
final class EventCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin private final Servers servers = new Servers();

    @Parameters(index = "0", paramLabel = "NAME", description = "What it is called.")
    private String name = "";

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "PAYLOAD",
            description = "What goes with it, up to 16 KiB.")
    private String payload = "";

    EventCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() {
        return new MemberTalk(surroundings)
                .ask(
                        servers,
                        "POST",
                        "/api/v1/events/" + LockClient.encode(name),
                        Content.of(payload.getBytes(UTF_8)))
                .code();
    }
}
