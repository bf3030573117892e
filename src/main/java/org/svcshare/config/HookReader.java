package org.svcshare.config;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// Reads who is told what happened: `hooks` and `reporter`.
final class HookReader {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final int MOST_HOOKS = 64;

    /// Of an event that somebody calls out, or of a question; others cannot be sent.
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}");

    private static final String NAME_EXPECTED =
            "expected a name of 1 to 100 letters, digits and ._:/- that begins with a letter or"
                    + " digit, found ";
    private static final Set<String> BUILT_IN = Set.of("ping", "version");

    private HookReader() {}

    static List<HookSettings> hooks(Section root) {
        var hooks = new ArrayList<HookSettings>();
        var answered = new HashSet<String>();
        for (Section hook : root.sections("hooks")) {
            hooks.add(hook(hook, answered));
        }
        if (hooks.size() > MOST_HOOKS) {
            root.problem("hooks", "expected at most " + MOST_HOOKS + ", found " + hooks.size());
        }
        return List.copyOf(hooks);
    }

    private static HookSettings hook(Section hook, Set<String> answered) {
        List<String> on = hook.texts("on");
        events(hook, on, answered);
        String prefix = hook.text("prefix").orElse("");
        List<String> run = hook.texts("run");
        Optional<URI> url = hook.url("url", "https://example.net/hook");
        boolean urlGiven = hook.text("url").isPresent();
        if (run.isEmpty() != urlGiven) {
            hook.problem("run", "expected either run = [program, argument …] or url");
        }
        Optional<Secret> secret = hook.secret("secret");
        if (secret.isPresent() && !urlGiven) {
            hook.problem("secret", "expected with url only");
        }
        Duration timeout =
                hook.has("timeout") ? hook.duration("timeout", Duration.ofMillis(100)) : TIMEOUT;
        hook.know(List.of("timeout"));
        hook.done();
        var settings = new HookSettings(on, prefix, run, url, secret, timeout);
        if (!prefix.isEmpty() && !settings.hearsKeys()) {
            hook.problem("prefix", "expected with new-key, key-changed or key-removed only");
        }
        if (!settings.answers().isEmpty() && run.isEmpty() && urlGiven) {
            hook.problem("on", "query:NAME expects a program (run), whose output is the answer");
        }
        return settings;
    }

    private static void events(Section hook, List<String> on, Set<String> answered) {
        var names = new TreeSet<>(HappeningNames.all());
        names.addAll(GroupEventNames.all());
        for (String name : on) {
            if (name.startsWith(GroupEventNames.QUERY)) {
                query(hook, name.substring(GroupEventNames.QUERY.length()), answered);
            } else if (name.startsWith(GroupEventNames.EVENT)) {
                if (!NAME.matcher(name.substring(GroupEventNames.EVENT.length())).matches()) {
                    hook.problem("on", NAME_EXPECTED + Section.quoted(name));
                }
            } else if (!name.equals("*") && !names.contains(name)) {
                hook.problem(
                        "on",
                        "no such event: "
                                + Section.quoted(name)
                                + Suggestion.among(names, name.replace('_', '-')));
            }
        }
        if (on.isEmpty()) {
            hook.problem("on", "expected names of events or \"*\", found nothing");
        }
    }

    /// @param answered the questions that have an answer already
    private static void query(Section hook, String name, Set<String> answered) {
        if (!NAME.matcher(name).matches()) {
            hook.problem("on", NAME_EXPECTED + Section.quoted(GroupEventNames.QUERY + name));
        } else if (BUILT_IN.contains(name)) {
            hook.problem("on", "query:" + name + " is answered by svcshare itself");
        } else if (!answered.add(name)) {
            hook.problem("on", "query:" + name + " is answered by another hook already");
        }
    }

    /// Says which hooks wait for what never happens.
    static void check(List<HookSettings> hooks, Report report) {
        var names = GroupEventNames.all();
        for (int i = 0; i < hooks.size(); i++) {
            for (String name : hooks.get(i).on()) {
                boolean ofGroup =
                        names.contains(name)
                                || name.startsWith(GroupEventNames.EVENT)
                                || name.startsWith(GroupEventNames.QUERY);
                if (ofGroup) {
                    report.warn("hooks[" + i + "].on: " + name + " never comes, as gossip is off");
                }
            }
        }
    }

    static Optional<ReporterSettings> reporter(Section reporter) {
        Optional<URI> url = reporter.url("url", "http://stats.example.net");
        Optional<Secret> key = reporter.secret("key");
        reporter.done();
        return url.map(address -> new ReporterSettings(address, key.orElse(new Secret(""))));
    }
}
