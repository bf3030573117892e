package org.svcshare.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.svcshare.config.Problem;
import org.svcshare.config.SettingsException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/// The command line: finds out what is asked, and turns failures into messages and exit codes.
@Command(
        name = "svcshare",
        synopsisSubcommandLabel = "COMMAND",
        header = "Lets a group of people take turns with one scarce service.%n",
        footerHeading = "%nExamples:%n",
        footer = {
            "  svcshare demo                   watch three bots take turns, nothing to set up",
            "  svcshare run                    a bot of your own, on an IRC server of its own",
            "  svcshare run -c config.conf     the same with settings (see config.conf.dist)",
            "  svcshare check                  try the settings and everything they point to",
            "  svcshare lock build -- make     a command that nobody else runs meanwhile",
            "",
            "Exit codes:",
            "   0  done",
            "   1  the answer is no, or it failed",
            "  64  the command line is wrong",
            "  69  something needed cannot be reached (a port, a server, a folder)",
            "  75  the lock was not obtained in time",
            "  76  the lock was lost while the command ran",
            "  77  not allowed",
            "  78  the settings are wrong, or there is no such pool",
            "      lock: that of the command; 127 when there is no such command",
            " 130, 143  stopped at once by a second SIGINT or SIGTERM",
            "",
            "Data goes to the standard output, messages to the standard error.",
            "Every setting has an environment variable: SVCSHARE_IRC_NICK is irc.nick."
        })
final class Main implements Runnable {
    @CommandLine.Spec private CommandLine.Model.@Nullable CommandSpec spec;

    @CommandLine.Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = CommandLine.ScopeType.INHERIT,
            description = "Show this help.")
    @SuppressWarnings("UnusedVariable") // read by picocli
    private boolean help;

    @CommandLine.Option(
            names = {"-V", "--version"},
            description = "Print the version.")
    private boolean version;

    @CommandLine.Mixin private final Debug debug;

    private Main(Debug debug) {
        this.debug = debug;
    }

    static int execute(String[] args, Surroundings surroundings) {
        return commandLine(surroundings).execute(helpLast(args));
    }

    /// `help run` is `run --help`.
    private static String[] helpLast(String[] args) {
        if (args.length == 0 || !args[0].equals("help")) {
            return args;
        }
        String[] turned = Arrays.copyOfRange(args, 1, args.length + 1);
        turned[args.length - 1] = "--help";
        return turned;
    }

    static CommandLine commandLine(Surroundings surroundings) {
        var debug = new Debug();
        var main = new Main(debug);
        var root = new CommandLine(main);
        root.addSubcommand("run", new RunCommand(surroundings, debug))
                .addSubcommand("demo", new DemoCommand(surroundings, debug))
                .addSubcommand("check", new CheckCommand(surroundings))
                .addSubcommand(
                        "client",
                        new CommandLine(new ClientCommand())
                                .addSubcommand(
                                        "check", new ClientCommand.Check(surroundings, debug)))
                .addSubcommand("ircd", new IrcdCommand(surroundings, debug))
                .addSubcommand(
                        "config",
                        new CommandLine(new ConfigCommand())
                                .addSubcommand("show", new ConfigCommand.Show(surroundings))
                                .addSubcommand("check", new ConfigCommand.Check(surroundings)))
                .addSubcommand(
                        "lock",
                        new CommandLine(new LockCommand())
                                .addSubcommand("why", new WhyCommand(surroundings))
                                .addSubcommand("run", new LockCommand.Run()))
                .addSubcommand("unlock", new UnlockCommand(surroundings))
                .addSubcommand("pools", new PoolsCommand(surroundings))
                .addSubcommand("tickets", new TicketsCommand(surroundings))
                .addSubcommand(
                        "cluster",
                        new CommandLine(new ClusterCommand())
                                .addSubcommand("status", new ClusterCommand.Status(surroundings))
                                .addSubcommand("demo", new ClusterDemoCommand(surroundings, debug))
                                .addSubcommand("init", new ClusterInitCommand(surroundings))
                                .addSubcommand("add", new ClusterCommand.Add(surroundings))
                                .addSubcommand("remove", new ClusterCommand.Remove(surroundings))
                                .addSubcommand("replace", new ClusterCommand.Replace(surroundings))
                                .addSubcommand(
                                        "transfer", new ClusterCommand.Transfer(surroundings))
                                .addSubcommand(
                                        "priority", new ClusterCommand.Priority(surroundings)))
                .addSubcommand(
                        "replica",
                        new CommandLine(new ReplicaCommand())
                                .addSubcommand("demo", new ReplicaDemoCommand(surroundings, debug))
                                .addSubcommand("sample", new SampleCommand(surroundings, debug)))
                .addSubcommand("members", new MembersCommand(surroundings))
                .addSubcommand(
                        "nodes",
                        new CommandLine(new NodesCommand(surroundings))
                                .addSubcommand("add", new NodeChanges.Add(surroundings))
                                .addSubcommand("remove", new NodeChanges.Remove(surroundings))
                                .addSubcommand("set", new NodeChanges.Set(surroundings))
                                .addSubcommand(
                                        "maintenance", new NodeChanges.Maintenance(surroundings))
                                .addSubcommand("queue", new NodesQueueCommand(surroundings)))
                .addSubcommand(
                        "kv",
                        new CommandLine(new KvCommand())
                                .addSubcommand(
                                        "put", new KvCommand.Put(surroundings, () -> System.in))
                                .addSubcommand("get", new KvCommand.Get(surroundings))
                                .addSubcommand("list", new KvCommand.ListKeys(surroundings))
                                .addSubcommand("remove", new KvCommand.Remove(surroundings))
                                .addSubcommand("watch", new KvWatchCommand(surroundings)))
                .addSubcommand("event", new EventCommand(surroundings))
                .addSubcommand("query", new QueryCommand(surroundings))
                .addSubcommand("forget", new ForgetCommand(surroundings))
                .addSubcommand("distributex", new DistributexCommand())
                .addSubcommand("secret", new SecretCommand(surroundings))
                .addSubcommand("completion", new CompletionCommand(surroundings))
                .addSubcommand("version", new VersionCommand(surroundings));
        root.setOut(new PrintWriter(surroundings.out(), true, surroundings.out().charset()));
        root.setErr(new PrintWriter(surroundings.err(), true, surroundings.err().charset()));
        root.setColorScheme(
                CommandLine.Help.defaultColorScheme(
                        surroundings.colour()
                                ? CommandLine.Help.Ansi.ON
                                : CommandLine.Help.Ansi.OFF));
        root.setCaseInsensitiveEnumValuesAllowed(true);
        root.setUsageHelpAutoWidth(true);
        root.setParameterExceptionHandler((e, args) -> usageError(e));
        root.setExecutionExceptionHandler(
                (e, command, parsed) -> failure(e, surroundings, main.debug.on()));
        return root;
    }

    /// Without a command, or where a command wants a second word: the help, as an error.
    @Override
    public void run() {
        var line = Objects.requireNonNull(spec).commandLine();
        if (version) {
            line.getOut().println(Version.line());
            return;
        }
        throw new ParameterException(line, "which command?");
    }

    private static int usageError(ParameterException e) {
        CommandLine command = e.getCommandLine();
        PrintWriter err = command.getErr();
        boolean noCommand = "which command?".equals(e.getMessage());
        if (noCommand) {
            command.usage(err);
        } else {
            err.println("svcshare: " + e.getMessage());
            UnmatchedArgumentException.printSuggestions(e, err);
            err.println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
        }
        return ExitCode.USAGE;
    }

    private static int failure(Exception e, Surroundings surroundings, boolean debug) {
        if (debug) {
            e.printStackTrace(surroundings.err());
        }
        return switch (e) {
            case SettingsException settings -> {
                printProblems(settings.problems(), surroundings);
                yield ExitCode.CONFIGURATION;
            }
            case IOException io -> {
                surroundings.err().println("svcshare: " + message(io));
                yield ExitCode.UNAVAILABLE;
            }
            case InterruptedException _ -> {
                Thread.currentThread().interrupt();
                yield ExitCode.FAILED;
            }
            default -> {
                surroundings.err().println("svcshare: " + message(e) + " (--debug shows where)");
                yield ExitCode.FAILED;
            }
        };
    }

    static void printProblems(List<Problem> problems, Surroundings surroundings) {
        problems.forEach(problem -> surroundings.err().println(problem));
        surroundings
                .err()
                .println(
                        "svcshare: "
                                + problems.size()
                                + (problems.size() == 1 ? " mistake" : " mistakes")
                                + " in the settings");
    }

    private static String message(Exception e) {
        String name = e.getClass().getSimpleName();
        return e.getMessage() == null ? name : e.getMessage();
    }
}
