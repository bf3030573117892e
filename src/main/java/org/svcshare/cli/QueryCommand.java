package org.svcshare.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.svcshare.config.Amounts;
import org.svcshare.lock.ApiClient;
import org.svcshare.lock.ApiClient.Outcome;
import org.svcshare.lock.Content;
import org.svcshare.lock.LockClient;
import org.svcshare.lock.Reply;
import org.svcshare.lock.Stop;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// `svcshare query`: asks all members.
@Command(
        header = "Ask all members of the group, and print their answers as they come.",
        description = {
            "",
            "ping and version are answered by every member. Exits with 0 when anybody has answered,"
                    + " with 1 when nobody has.",
            ""
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  svcshare query ping",
            "  svcshare query version --json | jq -r '.answers[].payload'",
            "  svcshare query load cpu --timeout 1s"
        })
final class QueryCommand implements Callable<Integer> {
    private static final Duration LONGEST = Duration.ofMinutes(1);
    private static final Duration BEYOND = Duration.ofSeconds(10);

    private final Surroundings surroundings;

    @Spec private @Nullable CommandSpec spec;
    @Mixin private final Servers servers = new Servers();

    @Parameters(index = "0", paramLabel = "NAME", description = "What is asked.")
    private String name = "";

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "PAYLOAD",
            description = "What goes with it, up to 16 KiB.")
    private String payload = "";

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            description = "How long to wait for answers, up to 1m; 5s without.")
    private String timeout = "5s";

    @Option(names = "--json", description = "All together as one JSON document.")
    private boolean json;

    private int answers;

    QueryCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() {
        Optional<Duration> limit = Amounts.duration(timeout);
        if (limit.isEmpty() || !limit.get().isPositive() || limit.get().compareTo(LONGEST) > 0) {
            throw new ParameterException(
                    Objects.requireNonNull(spec).commandLine(),
                    "--timeout: expected a duration of at most 1m, for instance 5s, found '"
                            + timeout
                            + "'");
        }
        var talk = new MemberTalk(surroundings);
        ApiClient client = talk.client(servers);
        if (client == null) {
            return ExitCode.CONFIGURATION;
        }
        String target =
                "/api/v1/queries/"
                        + LockClient.encode(name)
                        + "?timeout="
                        + limit.get().toMillis()
                        + "ms";
        Content content = Content.of(payload.getBytes(UTF_8));
        return json
                ? document(talk, client.ask("POST", target, content, limit.get().plus(BEYOND)))
                : stream(talk, client, target, content);
    }

    private int document(MemberTalk talk, Outcome outcome) {
        if (!(outcome instanceof Outcome.Done(Reply reply))) {
            return talk.no(outcome);
        }
        JsonNode document = talk.json(reply);
        if (document == null) {
            return ExitCode.UNAVAILABLE;
        }
        surroundings.out().println(document);
        return document.path("answers").isEmpty() ? ExitCode.FAILED : ExitCode.OK;
    }

    private int stream(MemberTalk talk, ApiClient client, String target, Content content) {
        boolean[] whole = {false};
        Outcome outcome =
                client.follow(
                        "POST",
                        target,
                        content,
                        (event, data) -> {
                            JsonNode told = JsonMapper.shared().readTree(data);
                            if (event.equals("answer")) {
                                answer(told);
                            } else if (event.equals("ended")) {
                                whole[0] = true;
                                told.path("silent")
                                        .forEach(member ->
                                                talk.say("no answer from " + member.asString("")));
                            }
                            return !whole[0];
                        },
                        new Stop());
        if (!(outcome instanceof Outcome.Done)) {
            return talk.no(outcome);
        }
        if (!whole[0]) {
            talk.say("the server stopped before all had answered");
            return ExitCode.UNAVAILABLE;
        }
        return answers > 0 ? ExitCode.OK : ExitCode.FAILED;
    }

    private void answer(JsonNode told) {
        answers++;
        String said = MemberTalk.shown(told, "payload", Integer.MAX_VALUE);
        String member = Table.plain(told.path("member").asString(""));
        surroundings
                .out()
                .println(
                        member
                                + (said.isEmpty() ? "" : ": " + said)
                                + " ("
                                + told.path("afterMs").asString("")
                                + " ms)");
    }
}
