package org.svcshare.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.svcshare.config.Secret;
import org.svcshare.lock.Access;
import org.svcshare.lock.Answer;
import org.svcshare.lock.LockClient;
import org.svcshare.lock.ServerAddress;
import org.svcshare.lock.Why;

/// How commands reach the pools: from options and the environment alone, so that no settings file
/// need be read.
final class PoolAccess {
    static final String DEFAULT_SERVER = "http://127.0.0.1:9889";

    /// How long a command goes on trying while no server answers.
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    /// The same with a group of servers, who have to agree anew when one of them has died.
    private static final Duration PATIENCE_WITH_MANY = Duration.ofSeconds(10);

    private static final int LONGEST_TOKEN = 4096;

    /// What makes it impossible to ask at all.
    static final class Unfit extends Exception {
        private static final long serialVersionUID = 1L;

        Unfit(String message) {
            super(message);
        }
    }

    private PoolAccess() {}

    /// @param named servers of the command line; empty: those of `SVCSHARE_ADDR`, or our default
    static LockClient client(List<String> named, Surroundings surroundings) throws Unfit {
        return new LockClient(access(named, surroundings));
    }

    /// The same for whatever else is asked.
    static Access access(List<String> named, Surroundings surroundings) throws Unfit {
        List<String> addresses = named;
        if (addresses.isEmpty()) {
            String variable = surroundings.variable("SVCSHARE_ADDR");
            addresses =
                    Arrays.asList(
                            variable.isEmpty()
                                    ? new String[] {DEFAULT_SERVER}
                                    : variable.split(",", -1));
        }
        try {
            return new Access(
                    addresses.stream().map(ServerAddress::parse).toList(),
                    token(surroundings),
                    Optional.of(surroundings.variable("SVCSHARE_CA_FILE"))
                            .filter(file -> !file.isEmpty())
                            .map(Path::of),
                    addresses.size() > 1 ? PATIENCE_WITH_MANY : PATIENCE);
        } catch (IllegalArgumentException e) {
            throw new Unfit(String.valueOf(e.getMessage()));
        }
    }

    private static Optional<Secret> token(Surroundings surroundings) throws Unfit {
        String file = surroundings.variable("SVCSHARE_TOKEN_FILE");
        if (!file.isEmpty()) {
            try {
                if (Files.size(Path.of(file)) > LONGEST_TOKEN) {
                    throw new Unfit("SVCSHARE_TOKEN_FILE: " + file + " is no token");
                }
                return Optional.of(new Secret(Files.readString(Path.of(file)).strip()));
            } catch (IOException e) {
                throw new Unfit(
                        "SVCSHARE_TOKEN_FILE: cannot read " + file + " (" + e.getMessage() + ")");
            }
        }
        return Optional.of(surroundings.variable("SVCSHARE_TOKEN"))
                .filter(token -> !token.isEmpty())
                .map(Secret::new);
    }

    /// What to end with when a server said no, or none was reached.
    static int code(Answer answer, int conflictCode) {
        return switch (answer) {
            case Answer.Held _ -> ExitCode.OK;
            case Answer.Unreachable _, Answer.PerhapsDone _ -> ExitCode.UNAVAILABLE;
            case Answer.Cancelled _ -> ExitCode.FAILED;
            case Answer.Refused(Why why, _) ->
                    switch (why) {
                        case BUSY,
                                TIMED_OUT,
                                TOO_MANY_WAITERS,
                                TOO_MANY_TICKETS,
                                EXPIRED,
                                RELEASED,
                                FORCED ->
                                conflictCode;
                        case NOT_ALLOWED, FORBIDDEN, UNAUTHORIZED -> ExitCode.NOT_ALLOWED;
                        case UNKNOWN_POOL, WRONG_HOST, NO_GROUP -> ExitCode.CONFIGURATION;
                        case INVALID -> ExitCode.USAGE;
                        case UNKNOWN_TICKET, NOT_OWNER, UNKNOWN_NODE, CONFLICT -> ExitCode.FAILED;
                        case ID_REUSED, OTHER -> ExitCode.UNAVAILABLE;
                    };
        };
    }

    /// The same in words.
    static String words(Answer answer) {
        return switch (answer) {
            case Answer.Held _ -> "it is ours";
            case Answer.Unreachable(String why) -> "no server reached: " + why;
            case Answer.PerhapsDone(String why) -> "no answer: " + why;
            case Answer.Cancelled _ -> "given up";
            case Answer.Refused(_, String detail) -> detail;
        };
    }
}
