package org.svcshare.cli;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/// What scripts run often, answered without the parser, the settings and the logs, which take
/// longer to start than most of what those commands have to do.
final class Quick {
    private static final Set<String> VERSION = Set.of("version", "--version", "-V");
    private static final Set<String> HELP = Set.of("-h", "--help");

    private Quick() {}

    /// @return empty for everything else, and for whoever wants help
    static OptionalInt answer(String[] args, Surroundings surroundings) {
        if (args.length == 1 && VERSION.contains(args[0])) {
            surroundings.out().println(Version.line());
            return OptionalInt.of(ExitCode.OK);
        }
        if (args.length < 2) {
            return OptionalInt.empty();
        }
        List<String> words = Arrays.asList(args).subList(1, args.length);
        boolean lock =
                args[0].equals("lock") && (!words.getFirst().equals("why") || isWhyCommand(words));
        boolean distributex = args[0].equals("distributex");
        if (!(lock || distributex) || wantsHelp(words)) {
            return OptionalInt.empty();
        }
        try {
            int code =
                    lock
                            ? new LockRun(LockWords.read(words), surroundings, new Inbox()).run()
                            : new DistributexRun(
                                            DistributexWords.read(words), surroundings, new Inbox())
                                    .run();
            return OptionalInt.of(code);
        } catch (UsageException e) {
            surroundings.err().println("svcshare: " + e.getMessage());
            surroundings.err().println("Try 'svcshare " + args[0] + " --help'.");
            return OptionalInt.of(ExitCode.USAGE);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return OptionalInt.of(ExitCode.FAILED);
        }
    }

    /// A pool may be called `why`; then a command follows.
    private static boolean isWhyCommand(List<String> words) {
        return words.contains("--");
    }

    private static boolean wantsHelp(List<String> words) {
        int end = words.indexOf("--");
        return (end < 0 ? words : words.subList(0, end)).stream().anyMatch(HELP::contains);
    }
}
