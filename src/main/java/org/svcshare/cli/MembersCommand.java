package org.svcshare.cli;

import java.time.Instant;
import java.util.concurrent.Callable;
import org.svcshare.cli.MemberTalk.Heard;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.JsonNode;

/// `svcshare members`: who is there.
@Command(
        header = "List the members of the group: who is there, who left, who is not heard of.",
        description = {
            "",
            "Exits with 0 when the asked member is in a group, be it alone, with 1 when it is not.",
            ""
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  svcshare members",
            "  svcshare members --watch",
            "  svcshare members --json | jq -r '.members[] | select(.state == \"alive\").address'"
        })
final class MembersCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin private final Servers servers = new Servers();
    @Mixin private final TableOptions options = new TableOptions();

    MembersCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws InterruptedException {
        return options.run(this::once, code -> code == ExitCode.OK || code == ExitCode.FAILED);
    }

    private int once() {
        var talk = new MemberTalk(surroundings);
        Heard heard = talk.get(servers, MemberTalk.MEMBERS);
        JsonNode group = heard.ok() ? talk.json(heard.get()) : null;
        if (group == null) {
            return heard.ok() ? ExitCode.UNAVAILABLE : heard.code();
        }
        if (options.json()) {
            surroundings.out().println(group);
        } else {
            print(group);
            String trouble = group.path("trouble").asString("");
            if (!trouble.isEmpty()) {
                talk.say(trouble);
            }
        }
        return group.path("joined").asBoolean(false) ? ExitCode.OK : ExitCode.FAILED;
    }

    private void print(JsonNode group) {
        Instant now = PoolTalk.now(group);
        options.clear(surroundings);
        var table = new Table("MEMBER", "STATE", "FOR", "ADDRESS", "VERSION", "");
        int alive = 0;
        for (JsonNode member : group.path("members")) {
            String state = member.path("state").asString("");
            alive += state.equals("alive") ? 1 : 0;
            table.row(
                    member.path("name").asString(""),
                    state,
                    PoolTalk.between(PoolTalk.time(member.path("since")), now),
                    member.path("address").asString(""),
                    member.path("version").asString(""),
                    member.path("self").asBoolean(false) ? "the one asked" : "");
        }
        table.print(surroundings.out());
        surroundings.out().println();
        int keys = group.path("store").path("keys").asInt(0);
        surroundings
                .out()
                .println(
                        Table.plain(
                                "Group "
                                        + group.path("group").asString("")
                                        + ": "
                                        + alive
                                        + " of "
                                        + group.path("members").size()
                                        + (alive == 1 ? " is" : " are")
                                        + " there, "
                                        + keys
                                        + (keys == 1 ? " key" : " keys")
                                        + " in the store."
                                        + (group.path("joined").asBoolean(false)
                                                ? ""
                                                : " "
                                                        + group.path("name").asString("")
                                                        + " is not in the group yet.")));
    }
}
