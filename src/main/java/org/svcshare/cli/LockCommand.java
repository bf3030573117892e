package org.svcshare.cli;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `svcshare lock`, for its help and for completion: [LockWords] reads it, and a test holds the two
/// against each other.
@SuppressWarnings("UnusedVariable") // filled by picocli, which only describes them
@Command(
        header = "Run a command while holding a lock.",
        customSynopsis = {
            "svcshare lock [OPTION…] POOL -- COMMAND [ARG…]",
            "       svcshare lock why POOL"
        },
        description = {
            "",
            "Waits for the lock, for ever unless told otherwise, runs the command with our input and"
                    + " output, and gives the lock back. The lock is renewed as long as the command"
                    + " runs. When it is lost all the same, because no server could be reached or"
                    + " an operator took it away, the command and all that it started get SIGTERM,"
                    + " and SIGKILL after the grace.",
            "",
            "SIGINT, SIGTERM and SIGHUP go to the command; a second one kills it.",
            ""
        },
        footerHeading = "%nEnvironment:%n",
        footer = {
            "  SVCSHARE_ADDR         servers, as --server",
            "  SVCSHARE_TOKEN_FILE   a file with the token to show; or SVCSHARE_TOKEN",
            "  SVCSHARE_CA_FILE      whom to believe over https instead of the system's, PEM",
            "  SVCSHARE_LOCK_FOLDER  where the files of --local are",
            "  The command gets SVCSHARE_LOCK_POOL, _TOKEN, _FENCE (a number that only grows) and",
            "  _EXPIRES (when the lease would end that it began with).",
            "",
            "Exit codes:",
            "  that of the command, 128+N when signal N ended it; 75 not obtained in time, 76 lost",
            "  while it ran, 69 no server reached, 77 not allowed, 78 no such pool, 64 usage,",
            "  127 no such command",
            "",
            "Examples:",
            "  svcshare lock nightly -- make report",
            "  svcshare lock --no-wait backup -- sh -c 'dump | gzip > /backup/db.gz'",
            "  svcshare lock --wait 30s --reason 'release 2.1' deploy -- ./deploy.sh",
            "  svcshare lock why deploy"
        })
final class LockCommand implements Callable<Integer> {
    @Spec private @Nullable CommandSpec spec;

    @Option(
            names = "--wait",
            paramLabel = "TIME",
            description = "How long to wait, such as 30s or 5m; 0: not at all.")
    private String waits = "";

    @Option(names = "--no-wait", description = "The same as --wait 0.")
    private boolean noWait;

    @Option(
            names = "--ttl",
            paramLabel = "TIME",
            description = {
                "How long the lock outlives us when we cannot renew it (60s); 0: until an operator"
                        + " ends it."
            })
    private String ttl = "";

    @Option(names = "--shared", description = "Share it with others who ask for it shared.")
    private boolean shared;

    @Option(
            names = "--grace",
            paramLabel = "TIME",
            description = "How long the command may take to stop when the lock is lost (5s).")
    private String grace = "";

    @Option(
            names = "--local",
            description = "Lock a file on this machine as well, before asking a server.")
    private boolean local;

    @Option(
            names = "--reason",
            paramLabel = "TEXT",
            description = "What for, told to those who wait; without: the command's name.")
    private String reason = "";

    @Option(
            names = "--holder",
            paramLabel = "NAME",
            description = "As whom; without: the token's name or our address.")
    private String holder = "";

    @Option(
            names = "--conflict-exit-code",
            paramLabel = "N",
            description = "What to end with when it was not obtained in time (75).")
    private int conflictCode;

    @Option(
            names = {"-q", "--quiet"},
            description = "Do not say so when it was not obtained in time.")
    private boolean quiet;

    @Mixin private final Servers servers = new Servers();

    @Parameters(index = "0", paramLabel = "POOL", arity = "0..1", description = "Which lock.")
    private String pool = "";

    @Override
    public Integer call() {
        throw new ParameterException(
                Objects.requireNonNull(spec).commandLine(),
                "expected svcshare lock POOL -- COMMAND");
    }

    /// `svcshare lock run POOL -- COMMAND`, the same in more words.
    @Command(header = "The same as lock without this word.", hidden = true)
    static final class Run implements Callable<Integer> {
        @Spec private @Nullable CommandSpec spec;

        @Parameters(arity = "0..*", hidden = true)
        private List<String> words = List.of();

        @Override
        public Integer call() {
            throw new ParameterException(
                    Objects.requireNonNull(spec).commandLine(),
                    "expected svcshare lock run POOL -- COMMAND");
        }
    }
}
