package org.svcshare.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.svcshare.cli.MemberTalk.Heard;
import org.svcshare.config.Amounts;
import org.svcshare.lock.Content;
import org.svcshare.lock.LockClient;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// `svcshare kv …`: the store that the members share.
@Command(
        header = "Read, write and watch the store that the members of the group share.",
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "%nExamples:%n",
        footer = {
            "  svcshare kv put jobs/7 running --ttl 1m",
            "  svcshare kv get jobs/7",
            "  svcshare kv list jobs/",
            "  svcshare kv watch --prefix jobs/ --exec ./changed.sh",
            "",
            "Any member may be asked. Keys have up to 512 bytes, values up to 64 KiB."
        })
final class KvCommand implements Runnable {
    @Spec private @Nullable CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(Objects.requireNonNull(spec).commandLine(), "which command?");
    }

    /// `svcshare kv put`.
    @Command(
            header = "Set a key, and print the version that it has now.",
            description = {
                "",
                "Done when the asked member has it, and it is on its way to the others. Conditions"
                        + " are about what that member knows: of two writes at two members at the"
                        + " same moment the later one stands, everywhere. Exits with 1 when a"
                        + " condition does not hold.",
                ""
            },
            footerHeading = "%nExamples:%n",
            footer = {
                "  svcshare kv put colour blue",
                "  svcshare kv put jobs/7 running --ttl 1m     # gone by itself after a minute",
                "  svcshare kv put config - < config.json",
                "  v=$(svcshare kv put n 1); svcshare kv put n 2 --if-version $v"
            })
    static final class Put implements Callable<Integer> {
        /// A server says no to more; what is piped here may be endless.
        private static final int MOST_BYTES = 16 << 20;

        private final Surroundings surroundings;
        private final Supplier<InputStream> in;

        @Spec private @Nullable CommandSpec spec;
        @Mixin private final Servers servers = new Servers();

        @Parameters(index = "0", paramLabel = "KEY", description = "Any text.")
        private String key = "";

        @Parameters(
                index = "1",
                arity = "0..1",
                paramLabel = "VALUE",
                description = "Without it, or as -, it is read from the standard input.")
        private @Nullable String value;

        @Option(
                names = "--ttl",
                paramLabel = "TIME",
                description = "After which it is gone by itself.")
        private @Nullable String ttl;

        @ArgGroup private @Nullable Condition condition;

        /// Which of both.
        static final class Condition {
            @Option(
                    names = "--if-version",
                    paramLabel = "VERSION",
                    description = "Only while it has this version.")
            private @Nullable String version;

            @Option(names = "--if-absent", description = "Only while it is not there.")
            private boolean absent;
        }

        Put(Surroundings surroundings, Supplier<InputStream> in) {
            this.surroundings = surroundings;
            this.in = in;
        }

        @Override
        public Integer call() throws IOException {
            var talk = new MemberTalk(surroundings);
            Heard heard =
                    talk.ask(servers, "PUT", MemberTalk.key(key) + life(), content(), headers());
            if (heard.ok()) {
                String tag = heard.get().etag();
                surroundings.out().println(tag.replace("\"", ""));
            }
            return heard.code();
        }

        private String life() {
            if (ttl == null) {
                return "";
            }
            Optional<Duration> time = Amounts.duration(ttl);
            if (time.isEmpty() || !time.get().isPositive()) {
                throw new ParameterException(
                        Objects.requireNonNull(spec).commandLine(),
                        "--ttl: expected a duration with its unit, for instance 30s, found '"
                                + ttl
                                + "'");
            }
            return "?ttl=" + time.get().toMillis() + "ms";
        }

        private Content content() throws IOException {
            if (value != null && !value.equals("-")) {
                return Content.of(value.getBytes(UTF_8));
            }
            return Content.of(in.get().readNBytes(MOST_BYTES));
        }

        private String[] headers() {
            if (condition == null) {
                return new String[0];
            }
            return condition.absent
                    ? new String[] {"If-None-Match", "*"}
                    : tag(String.valueOf(condition.version), spec);
        }
    }

    private static String[] tag(String version, @Nullable CommandSpec spec) {
        if (!version.matches("[0-9a-f]{16}-[0-9a-f]{16}")) {
            throw new ParameterException(
                    Objects.requireNonNull(spec).commandLine(),
                    "--if-version: expected what kv put or kv get --json told, found '"
                            + version
                            + "'");
        }
        return new String[] {"If-Match", "\"" + version + "\""};
    }

    /// `svcshare kv get`.
    @Command(
            header = "Print the value of a key, byte for byte.",
            description = {"", "Exits with 1 when it is not there.", ""},
            footerHeading = "%nExamples:%n",
            footer = {
                "  svcshare kv get colour",
                "  svcshare kv get config > config.json",
                "  svcshare kv get colour --json | jq -r .version"
            })
    static final class Get implements Callable<Integer> {
        private final Surroundings surroundings;

        @Mixin private final Servers servers = new Servers();

        @Parameters(paramLabel = "KEY", description = "Which.")
        private String key = "";

        @Option(
                names = "--json",
                description = "With its version, writer and end, as one JSON document.")
        private boolean json;

        Get(Surroundings surroundings) {
            this.surroundings = surroundings;
        }

        @Override
        public Integer call() {
            var talk = new MemberTalk(surroundings);
            Heard heard = talk.get(servers, MemberTalk.key(key) + (json ? "?json" : ""));
            if (!heard.ok()) {
                return heard.code();
            }
            if (json) {
                JsonNode entry = talk.json(heard.get());
                if (entry == null) {
                    return ExitCode.UNAVAILABLE;
                }
                surroundings.out().println(entry);
            } else {
                surroundings.out().writeBytes(heard.get().bytes());
                surroundings.out().flush();
            }
            return ExitCode.OK;
        }
    }

    /// `svcshare kv list`.
    @Command(
            header = "List the keys, in order.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  svcshare kv list",
                "  svcshare kv list jobs/",
                "  svcshare kv list jobs/ --json | jq -r '.entries[].key'"
            })
    static final class ListKeys implements Callable<Integer> {
        private static final int WIDEST_VALUE = 60;

        private final Surroundings surroundings;

        @Mixin private final Servers servers = new Servers();

        @Parameters(arity = "0..1", paramLabel = "PREFIX", description = "Only keys that begin so.")
        private String prefix = "";

        @Option(names = "--json", description = "The same with all of the values, as JSON.")
        private boolean json;

        ListKeys(Surroundings surroundings) {
            this.surroundings = surroundings;
        }

        @Override
        public Integer call() {
            var talk = new MemberTalk(surroundings);
            List<JsonNode> entries = new ArrayList<>();
            String after = "";
            JsonNode page;
            do {
                Heard heard =
                        talk.get(
                                servers,
                                MemberTalk.KEYS
                                        + "?prefix="
                                        + LockClient.encode(prefix)
                                        + "&after="
                                        + LockClient.encode(after));
                page = heard.ok() ? talk.json(heard.get()) : null;
                if (page == null) {
                    return heard.ok() ? ExitCode.UNAVAILABLE : heard.code();
                }
                page.path("entries").forEach(entries::add);
                after = entries.isEmpty() ? "" : entries.getLast().path("key").asString("");
            } while (page.path("more").asBoolean(false) && !page.path("entries").isEmpty());
            if (json) {
                ObjectNode all = JsonMapper.shared().createObjectNode();
                all.set("now", page.path("now"));
                all.putArray("entries").addAll(entries);
                surroundings.out().println(all);
            } else {
                print(entries, PoolTalk.now(page));
            }
            return ExitCode.OK;
        }

        private void print(List<JsonNode> entries, Instant now) {
            var table = new Table("KEY", "BYTES", "ENDS IN", "WRITER", "VALUE");
            for (JsonNode entry : entries) {
                table.row(
                        entry.path("key").asString(""),
                        entry.path("sizeBytes").asString(""),
                        PoolTalk.between(now, PoolTalk.time(entry.path("expires"))),
                        entry.path("writer").asString(""),
                        MemberTalk.shown(entry, "value", WIDEST_VALUE));
            }
            table.print(surroundings.out());
        }
    }

    /// `svcshare kv remove`.
    @Command(
            header = "Remove a key.",
            description = {"", "Exits with 1 when it is not there, or has another version.", ""},
            footerHeading = "%nExamples:%n",
            footer = {"  svcshare kv remove jobs/7"})
    static final class Remove implements Callable<Integer> {
        private final Surroundings surroundings;

        @Spec private @Nullable CommandSpec spec;
        @Mixin private final Servers servers = new Servers();

        @Parameters(paramLabel = "KEY", description = "Which.")
        private String key = "";

        @Option(
                names = "--if-version",
                paramLabel = "VERSION",
                description = "Only while it has this version.")
        private @Nullable String version;

        Remove(Surroundings surroundings) {
            this.surroundings = surroundings;
        }

        @Override
        public Integer call() {
            return new MemberTalk(surroundings)
                    .ask(
                            servers,
                            "DELETE",
                            MemberTalk.key(key),
                            Content.NONE,
                            version == null ? new String[0] : tag(version, spec))
                    .code();
        }
    }
}
