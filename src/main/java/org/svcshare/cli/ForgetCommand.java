package org.svcshare.cli;

import java.util.concurrent.Callable;
import org.svcshare.cli.MemberTalk.Heard;
import org.svcshare.lock.Content;
import org.svcshare.lock.LockClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `svcshare forget`: a member that does not come back.
@Command(
        header = "Forget a member that left or failed, at all members.",
        description = {
            "",
            "It is listed no more. Should it come back, it is a member again. Where the server has"
                    + " tokens this takes one with the role admin.",
            ""
        },
        footerHeading = "%nExamples:%n",
        footer = {"  svcshare members", "  svcshare forget n3"})
final class ForgetCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin private final Servers servers = new Servers();

    @Parameters(paramLabel = "NODE", description = "Its name, from svcshare members.")
    private String node = "";

    ForgetCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() {
        String target = MemberTalk.MEMBERS + "/" + LockClient.encode(node);
        Heard heard = new MemberTalk(surroundings).ask(servers, "DELETE", target, Content.NONE);
        if (heard.ok()) {
            surroundings.out().println(Table.plain(node) + " is forgotten");
        }
        return heard.code();
    }
}
