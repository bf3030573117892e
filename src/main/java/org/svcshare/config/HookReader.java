package org.svcshare.config;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Reads who is told what happened: `hooks` and `reporter`.
final class HookReader {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final int MOST_HOOKS = 64;

    private HookReader() {}

    static List<HookSettings> hooks(Section root) {
        var hooks = new ArrayList<HookSettings>();
        for (Section hook : root.sections("hooks")) {
            hooks.add(hook(hook));
        }
        if (hooks.size() > MOST_HOOKS) {
            root.problem("hooks", "expected at most " + MOST_HOOKS + ", found " + hooks.size());
        }
        return List.copyOf(hooks);
    }

    private static HookSettings hook(Section hook) {
        List<String> on = hook.texts("on");
        var names = HappeningNames.all();
        for (String name : on) {
            if (!name.equals("*") && !names.contains(name)) {
                hook.problem(
                        "on",
                        "no such event: " + Section.quoted(name) + Suggestion.among(names, name));
            }
        }
        if (on.isEmpty()) {
            hook.problem("on", "expected names of events or \"*\", found nothing");
        }
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
        return new HookSettings(on, run, url, secret, timeout);
    }

    static Optional<ReporterSettings> reporter(Section reporter) {
        Optional<URI> url = reporter.url("url", "http://stats.example.net");
        Optional<Secret> key = reporter.secret("key");
        reporter.done();
        return url.map(address -> new ReporterSettings(address, key.orElse(new Secret(""))));
    }
}
