package org.svcshare.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigResolveOptions;
import com.typesafe.config.ConfigValueFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.svcshare.config.Settings.LogSettings;

/// Reads settings: the environment before the file before `reference.conf`.
public final class SettingsReader {
    private static final Pattern OWNER = Pattern.compile("[^\\s\\p{Cntrl}]{1,50}");
    private static final String TRY_OUT = "default without a settings file";
    private static final Config NO_BOT = ConfigFactory.parseMap(Map.of("bot", false), "no bot");

    /// Where there is no bot nobody uses them, but the settings as a whole ask for them.
    private static final Config UNUSED =
            ConfigFactory.parseMap(
                    Map.of("irc.server", "localhost", "gate.targets", List.of("localhost:1")),
                    "not used without a bot");

    /// Neither where all of it is among the members of a gossip group.
    private static final Config NO_IRC =
            ConfigFactory.parseMap(
                    Map.of("irc.server", "localhost", "irc.nick", "svcshare"),
                    "not used, as channel = gossip");

    private static final Map<String, ChannelKind> CHANNELS =
            Map.of("irc", ChannelKind.IRC, "gossip", ChannelKind.GOSSIP, "both", ChannelKind.BOTH);

    private final Map<String, String> environment;
    private final String systemUser;
    private final Path home;
    private final String version;

    /// @param environment the variables to use
    /// @param systemUser owner of a bot whose settings name none
    /// @param home the user's home folder
    /// @param version what the bot says about itself
    public SettingsReader(
            Map<String, String> environment, String systemUser, Path home, String version) {
        this.environment = Map.copyOf(environment);
        this.systemUser = systemUser;
        this.home = home;
        this.version = version;
    }

    /// With this process's environment, user and version.
    public static SettingsReader ofSystem(String version) {
        return new SettingsReader(
                System.getenv(),
                System.getProperty("user.name", ""),
                Path.of(System.getProperty("user.home", ".")),
                version);
    }

    /// Reads a settings file.
    ///
    /// @throws SettingsException with everything that is wrong
    public LoadedSettings read(Path file) throws SettingsException {
        return assemble(parse(readable(file)), Optional.of(file));
    }

    private static Path readable(Path file) throws SettingsException {
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            String what = Files.exists(file) ? "cannot be read" : "no such file";
            throw new SettingsException(List.of(new Problem(file.toString(), "", what)));
        }
        return file;
    }

    /// Without a file: the embedded IRC server with the bot on it, and as the service, so that the
    /// gate leads somewhere, that same server. The environment still counts.
    public LoadedSettings readWithoutFile() throws SettingsException {
        Config given = Reference.overrides(Reference.load(), environment);
        Config tryOut = ConfigFactory.empty();
        if (!given.hasPath("irc.server") && !given.hasPath("ircd.enabled")) {
            tryOut = tryOut.withValue("ircd.enabled", ConfigValueFactory.fromAnyRef(true, TRY_OUT));
        }
        if (!given.hasPath("gate.targets") && tryOut.hasPath("ircd.enabled")) {
            Config merged = given.withFallback(Reference.load());
            tryOut =
                    tryOut.withValue(
                            "gate.targets",
                            ConfigValueFactory.fromIterable(
                                    List.of(merged.getString("ircd.listen")), TRY_OUT));
        }
        return assemble(tryOut, Optional.empty());
    }

    /// A member of a group, found through seeds: bots vote over it, and nothing else needs to be
    /// set. Without a file the gate leads, so that it leads somewhere, to the status page of this
    /// svcshare, and whoever connects to it asks for the turn.
    ///
    /// @param seeds `host:port`, before those of the settings; none: as in the settings
    /// @param places settings that were found out, by path; they go before all others
    public LoadedSettings readGossip(
            Optional<Path> file, List<String> seeds, Map<String, String> places)
            throws SettingsException {
        Config given = file.isPresent() ? parse(readable(file.get())) : ConfigFactory.empty();
        Config said = Reference.overrides(Reference.load(), environment).withFallback(given);
        Config first = ConfigFactory.parseMap(places, "found to be free");
        boolean both =
                said.hasPath("channel")
                        && String.valueOf(said.getAnyRef("channel")).equalsIgnoreCase("both");
        if (!both) {
            first =
                    first.withValue(
                            "channel", ConfigValueFactory.fromAnyRef("gossip", "--gossip, --seed"));
        }
        if (!seeds.isEmpty()) {
            first =
                    first.withValue(
                            "gossip.seeds", ConfigValueFactory.fromIterable(seeds, "--seed"));
        }
        if (file.isEmpty()) {
            given = tryOutGate(first.withFallback(said));
        }
        return assemble(first, given, file);
    }

    private static Config tryOutGate(Config said) {
        Config gate = ConfigFactory.parseMap(Map.of("gate.when-closed", "hold"), TRY_OUT);
        String web = said.withFallback(Reference.load()).getString("http.listen");
        return said.hasPath("gate.targets")
                ? gate
                : gate.withValue(
                        "gate.targets", ConfigValueFactory.fromIterable(List.of(web), TRY_OUT));
    }

    /// The pools of a `distributex.yaml` and nothing else: no bot, no channel, no gate.
    ///
    /// @param file settings for what the YAML file does not have, such as `http`
    public LoadedSettings readDistributex(Path yaml, Optional<Path> file) throws SettingsException {
        Config given = file.isPresent() ? parse(readable(file.get())) : ConfigFactory.empty();
        LoadedSettings loaded = assemble(NO_BOT.withFallback(given), file);
        PoolSettings pools = new DistributexFile(yaml).read(loaded.settings().pools());
        return loaded.with(loaded.settings().poolsAlone(pools));
    }

    /// The proxy and the nodes of spawn's JSON file and nothing else: no bot, no pools.
    ///
    /// @param options of spawnctl, by their names without dashes; they go before the JSON file
    /// @param file settings for what the JSON file does not have, such as `replica.writes`
    public LoadedSettings readSpawn(Path json, Map<String, String> options, Optional<Path> file)
            throws SettingsException {
        Config given = file.isPresent() ? parse(readable(file.get())) : ConfigFactory.empty();
        SpawnFile.Result spawn = new SpawnFile(json, options, given::hasPath).read();
        LoadedSettings loaded =
                assemble(
                        NO_BOT.withFallback(spawn.said()),
                        given.withFallback(spawn.defaults()),
                        file);
        return loaded.with(loaded.settings().replicasAlone(), spawn.notes());
    }

    /// The block `gossip` alone, for Java programs: what is not given is as in `reference.conf`.
    ///
    /// @param given by names below `gossip`
    /// @param folder where the store is kept
    public static GossipSettings gossip(Map<String, ?> given, Path folder)
            throws SettingsException {
        var below = new TreeMap<String, Object>();
        given.forEach((name, value) -> below.put("gossip." + name, value));
        below.put("gossip.folder", folder.toAbsolutePath().toString());
        Config all = ConfigFactory.parseMap(below, "given").withFallback(Reference.load());
        var report = new Report("");
        var block = new Section("gossip", all.getConfig("gossip").root(), report);
        Optional<GossipSettings> settings =
                new GossipReader(block, "member", folder).read(ChannelKind.GOSSIP);
        if (!report.clean()) {
            throw new SettingsException(report.problems);
        }
        return settings.orElseThrow();
    }

    private Config parse(Path file) throws SettingsException {
        try {
            Config parsed =
                    ConfigFactory.parseFile(
                            file.toFile(), ConfigParseOptions.defaults().setAllowMissing(false));
            // ${?NAME} finds other settings first, then the environment's variables.
            var variables =
                    ConfigValueFactory.fromMap(new TreeMap<>(environment), "environment")
                            .toConfig();
            return parsed.resolveWith(
                    parsed.withFallback(variables), ConfigResolveOptions.noSystem());
        } catch (ConfigException e) {
            throw new SettingsException(List.of(syntaxProblem(file, e)));
        }
    }

    private static Problem syntaxProblem(Path file, ConfigException e) {
        var report = new Report(file.toString());
        String message = String.valueOf(e.getMessage());
        String where = file.toString();
        if (e.origin() != null) {
            where = report.where(e.origin());
            message = message.replace(e.origin().description() + ": ", "");
        }
        if (message.contains("newline") || message.contains("#")) {
            message += " (a # begins a comment: put channel names in quotes)";
        }
        return new Problem(where, "", message);
    }

    private LoadedSettings assemble(Config given, Optional<Path> file) throws SettingsException {
        return assemble(ConfigFactory.empty(), given, file);
    }

    /// @param first goes before the environment
    private LoadedSettings assemble(Config first, Config given, Optional<Path> file)
            throws SettingsException {
        Config reference = Reference.load();
        Config said =
                first.withFallback(Reference.overrides(reference, environment)).withFallback(given);
        Config used = noBot(said) ? said.withFallback(UNUSED) : said;
        Config all = (noIrc(said) ? used.withFallback(NO_IRC) : used).withFallback(reference);
        var report = new Report(file.map(Path::toString).orElse(""));
        Settings settings = root(new Section("", all.root(), report));
        if (!report.clean()) {
            throw new SettingsException(report.problems);
        }
        report.warnings.addAll(Reference.mistyped(environment));
        if (noIrc(said) && !noBot(said) && said.hasPath("irc.server")) {
            report.warn("irc.server: not used, as channel = gossip; both has it for people");
        }
        return new LoadedSettings(settings, file, all, reference, report);
    }

    private static boolean noBot(Config said) {
        return said.hasPath("bot")
                && Set.of("false", "no", "off")
                        .contains(String.valueOf(said.getAnyRef("bot")).toLowerCase(Locale.ROOT));
    }

    /// Neither where nobody can tell what was meant: what it would need is not missed as well.
    private static boolean noIrc(Config said) {
        return said.hasPath("channel")
                && !Set.of("irc", "both")
                        .contains(
                                String.valueOf(said.getAnyRef("channel")).toLowerCase(Locale.ROOT));
    }

    private Settings root(Section root) {
        String owner =
                root.text("owner", OWNER, "one word")
                        .orElseGet(() -> root.derived("owner", user()));
        IrcdSettings ircd = new IrcdReader(root.section("ircd")).read();
        IrcSettings irc = new IrcReader(root.section("irc"), owner, ircd).read();
        PeerSettings peers = PeopleReader.peers(root.section("peers"));
        CommandSettings commands = PeopleReader.commands(root.section("commands"), owner);
        GateSettings gate = new GateReader(root.section("gate")).read();
        ClientSettings client = new ClientReader(root.section("client")).read();
        Path stateFolder = stateFolder(root);
        ChannelKind channel = root.choice("channel", CHANNELS, ChannelKind.IRC);
        boolean asked = !client.type().equals(ClientReader.PROXY);
        Section turn = root.section("turn");
        Optional<GuardSettings> guard = GuardReader.read(turn);
        PoolSettings pools = new PoolsReader(root.section("pools"), stateFolder).read();
        Section replica = root.section("replica");
        var settings =
                new Settings(
                        root.flag("bot"),
                        channel,
                        TurnReader.read(turn, owner, version, asked, guard.isPresent()),
                        guard,
                        irc,
                        peers,
                        commands,
                        ircd,
                        gate,
                        client,
                        HookReader.reporter(root.section("reporter")),
                        HookReader.hooks(root),
                        new HttpReader(root.section("http")).read(),
                        pools,
                        new GroupReader(root.section("cluster"), stateFolder, environment)
                                .read(pools.engine() == PoolSettings.Engine.CLUSTER),
                        new GossipReader(root.section("gossip"), owner, stateFolder).read(channel),
                        new ReplicaReader(replica, stateFolder).read(),
                        stateFolder,
                        root.duration("stop-limit", Duration.ZERO),
                        log(root.section("log")));
        root.done();
        guard.ifPresent(own -> GuardReader.check(own, settings.pools(), root.report()));
        new OwnPorts(settings, root.report()).check();
        settings.replica()
                .ifPresent(own -> ReplicaReader.beyondLoopback(own, settings.http(), replica));
        if (settings.gossip().isEmpty()) {
            HookReader.check(settings.hooks(), root.report());
        }
        return settings;
    }

    /// The system's user as one word that may also be part of a nick.
    private String user() {
        String word = systemUser.replaceAll("[^A-Za-z0-9_-]", "_");
        return word.isEmpty() ? "owner" : word.substring(0, Math.min(word.length(), 20));
    }

    private Path stateFolder(Section root) {
        if (root.text("state-folder").isPresent()) {
            return root.resolve("state-folder", root.text("state-folder").get());
        }
        String systemd = environment.getOrDefault("STATE_DIRECTORY", "");
        if (!systemd.isEmpty()) {
            return root.derived("state-folder", Path.of(systemd.split(":", 2)[0]));
        }
        String xdg = environment.getOrDefault("XDG_STATE_HOME", "");
        Path state =
                Path.of(xdg).isAbsolute() ? Path.of(xdg) : home.resolve(".local").resolve("state");
        return root.derived("state-folder", state.resolve("svcshare"));
    }

    private static LogSettings log(Section log) {
        var levels =
                Map.of(
                        "error", "error", "warn", "warn", "info", "info", "debug", "debug", "trace",
                        "trace");
        var settings = new LogSettings(log.choice("level", levels, "info"), log.flag("json"));
        log.done();
        return settings;
    }
}
