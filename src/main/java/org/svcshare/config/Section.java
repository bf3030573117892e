package org.svcshare.config;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// One block of the settings: reads typed values out of it, reports what is wrong and goes on with
/// something harmless, and knows in the end which keys nobody asked for.
final class Section {
    private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._:%-]{1,253}");

    private final String path;
    private final ConfigObject object;
    private final Report report;
    private final TreeSet<String> known = new TreeSet<>();

    Section(String path, ConfigObject object, Report report) {
        this.path = path;
        this.object = object;
        this.report = report;
    }

    Report report() {
        return report;
    }

    String path(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    void problem(String key, String what) {
        ConfigValue value = object.get(key);
        report.problem(value == null ? object.origin() : value.origin(), path(key), what);
    }

    void warn(String key, String what) {
        ConfigValue value = object.get(key);
        String where = value == null ? "" : report.where(value.origin()) + ": ";
        report.warn(where + path(key) + ": " + what);
    }

    /// Says what is used for a setting that was left empty.
    <T> T derived(String key, T value) {
        report.derived.put(path(key), value.toString());
        return value;
    }

    Section section(String key) {
        ConfigValue value = value(key);
        if (value instanceof ConfigObject block) {
            return new Section(path(key), block, report);
        }
        if (value != null) {
            problem(key, "expected a block { … }, found " + kind(value));
        }
        // Said once is enough: the defaults keep its settings from being missed one by one.
        return new Section(path(key), Reference.block(path(key)), report);
    }

    /// The blocks of a list.
    List<Section> sections(String key) {
        var sections = new ArrayList<Section>();
        if (value(key) instanceof ConfigList list) {
            for (ConfigValue item : list) {
                String place = path(key) + "[" + sections.size() + "]";
                if (item instanceof ConfigObject block) {
                    sections.add(new Section(place, block, report));
                } else {
                    report.problem(
                            item.origin(), place, "expected a block { … }, found " + kind(item));
                }
            }
        } else if (value(key) != null) {
            problem(key, "expected a list of blocks [ { … } ], found " + kind(object.get(key)));
        }
        return sections;
    }

    /// The keys of a block whose keys are names of the user's own.
    List<String> names() {
        return List.copyOf(new TreeMap<>(object).keySet());
    }

    /// Whether nobody said anything about it.
    boolean isDefault(String key) {
        ConfigValue value = object.get(key);
        return value == null || value.origin().description().startsWith(Reference.NAME);
    }

    boolean has(String key) {
        return object.get(key) != null && object.get(key).valueType() != ConfigValueType.NULL;
    }

    /// Empty when it is not set, or set to an empty text.
    Optional<String> text(String key) {
        ConfigValue value = value(key);
        if (value == null) {
            return Optional.empty();
        }
        return switch (value.valueType()) {
            case NULL -> Optional.empty();
            case STRING, NUMBER, BOOLEAN -> {
                String text = String.valueOf(value.unwrapped());
                if (CONTROL.matcher(text).find()) {
                    problem(key, "expected one line without control characters");
                    yield Optional.empty();
                }
                yield text.isEmpty() ? Optional.empty() : Optional.of(text);
            }
            case OBJECT, LIST -> {
                problem(key, "expected a text, found " + kind(value));
                yield Optional.empty();
            }
        };
    }

    /// A text that has to look like something.
    Optional<String> text(String key, Pattern form, String expected) {
        Optional<String> text = text(key);
        if (text.isPresent() && !form.matcher(text.get()).matches()) {
            problem(key, "expected " + expected + ", found " + quoted(text.get()));
            return Optional.empty();
        }
        return text;
    }

    boolean flag(String key) {
        return choice(
                key,
                Map.of(
                        "true", true, "yes", true, "on", true, "false", false, "no", false, "off",
                        false),
                "true or false",
                false);
    }

    <T> T choice(String key, Map<String, T> words, T otherwise) {
        return choice(key, words, String.join(", ", new TreeSet<>(words.keySet())), otherwise);
    }

    private <T> T choice(String key, Map<String, T> words, String expected, T otherwise) {
        Optional<String> text = text(key);
        if (text.isEmpty()) {
            problem(key, "expected " + expected + ", found nothing");
            return otherwise;
        }
        T found = words.get(text.get().toLowerCase(Locale.ROOT));
        if (found == null) {
            problem(
                    key,
                    "expected "
                            + expected
                            + ", found "
                            + quoted(text.get())
                            + Suggestion.among(words.keySet(), text.get()));
            return otherwise;
        }
        return found;
    }

    int number(String key, int min, int max) {
        Optional<String> text = text(key);
        String expected = "expected a whole number from " + min + " to " + max + ", found ";
        if (text.isEmpty()) {
            problem(key, expected + "nothing");
            return min;
        }
        try {
            int number = Integer.parseInt(text.get().strip());
            if (number >= min && number <= max) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        problem(key, expected + quoted(text.get()));
        return min;
    }

    /// @param min the shortest that makes sense
    Duration duration(String key, Duration min) {
        Optional<String> text = text(key);
        Optional<Duration> duration = text.flatMap(Amounts::duration);
        if (duration.isEmpty() || duration.get().compareTo(min) < 0) {
            problem(
                    key,
                    "expected a duration with its unit"
                            + (min.isZero() ? "" : " of at least " + min.toMillis() + "ms")
                            + ", for instance 10s or 1h30m, found "
                            + text.map(Section::quoted).orElse("nothing"));
            return min;
        }
        return duration.get();
    }

    long bytes(String key) {
        Optional<String> text = text(key);
        Optional<Long> bytes = text.flatMap(Amounts::bytes);
        if (bytes.isEmpty()) {
            problem(
                    key,
                    "expected a size, for instance 500k, 5M or 1.5G, found "
                            + text.map(Section::quoted).orElse("nothing"));
        }
        return bytes.orElse(0L);
    }

    /// A list of texts; one text is a list of its parts between commas.
    List<String> texts(String key) {
        ConfigValue value = value(key);
        if (value instanceof ConfigList list) {
            var texts = new ArrayList<String>();
            for (ConfigValue item : list) {
                String text = String.valueOf(item.unwrapped());
                if (item instanceof ConfigList || item instanceof ConfigObject) {
                    problem(key, "expected a list of texts, found " + kind(item) + " in it");
                } else if (CONTROL.matcher(text).find()) {
                    problem(key, "expected texts of one line without control characters");
                } else {
                    texts.add(text);
                }
            }
            return texts;
        }
        return text(key).stream()
                .flatMap(text -> List.of(text.split(",", -1)).stream())
                .map(String::strip)
                .filter(text -> !text.isEmpty())
                .toList();
    }

    /// One text, whatever commas it has, or a list of them.
    List<String> oneOrMore(String key) {
        return value(key) instanceof ConfigList ? texts(key) : text(key).stream().toList();
    }

    /// `host`, `host:port` or `[v6]:port`.
    ///
    /// @param defaultPort used when there is none; 0 makes the port a must
    Optional<Endpoint> endpoint(String key, int lowestPort, int defaultPort) {
        return text(key).flatMap(text -> endpoint(key, text, lowestPort, defaultPort));
    }

    Optional<Endpoint> endpoint(String key, String text, int lowestPort, int defaultPort) {
        String host = text;
        String port = "";
        int colon = text.lastIndexOf(':');
        if (text.startsWith("[")) {
            int end = text.indexOf(']');
            host = end < 0 ? "" : text.substring(1, end);
            port = end >= 0 && text.startsWith("]:", end) ? text.substring(end + 2) : "";
        } else if (colon >= 0 && colon == text.indexOf(':')) {
            host = text.substring(0, colon);
            port = text.substring(colon + 1);
            if (port.isEmpty()) {
                port = "?";
            }
        }
        int number = defaultPort;
        try {
            number = port.isEmpty() ? defaultPort : Integer.parseInt(port);
        } catch (NumberFormatException e) {
            number = -1;
        }
        boolean missing = port.isEmpty() && defaultPort == 0;
        if (missing || number < lowestPort || number > 65535 || !HOST.matcher(host).matches()) {
            problem(
                    key,
                    "expected host:port with a port from "
                            + lowestPort
                            + " to 65535, found "
                            + quoted(text));
            return Optional.empty();
        }
        return Optional.of(new Endpoint(host, number));
    }

    Optional<URI> url(String key, String example) {
        report.urls.add(path(key));
        return text(key).flatMap(text -> url(key, text, example));
    }

    /// @return those that are fine
    List<URI> urls(String key, String example) {
        report.urls.add(path(key));
        return oneOrMore(key).stream().flatMap(text -> url(key, text, example).stream()).toList();
    }

    private Optional<URI> url(String key, String text, String example) {
        try {
            var url = new URI(text);
            String scheme = String.valueOf(url.getScheme()).toLowerCase(Locale.ROOT);
            boolean web = scheme.equals("http") || scheme.equals("https");
            if (web && url.getHost() != null && url.getPort() <= 65535 && url.getPort() != 0) {
                return Optional.of(url);
            }
        } catch (URISyntaxException e) {
            // Said below, without the text: it may hold a password.
        }
        problem(key, "expected an http or https URL, for instance " + example);
        return Optional.empty();
    }

    /// A file that must be readable.
    Optional<Path> file(String key) {
        Optional<Path> file = text(key).map(text -> resolve(key, text));
        if (file.isPresent() && !Files.isReadable(file.get())) {
            problem(key, "expected a file that can be read, found no such: " + file.get());
            return Optional.empty();
        }
        return file;
    }

    /// A path, relative ones beside the file that mentions it.
    Path resolve(String key, String text) {
        ConfigOrigin origin = Objects.requireNonNull(object.get(key), key).origin();
        Path path = Path.of(text);
        if (path.isAbsolute() || origin.filename() == null) {
            return path.toAbsolutePath().normalize();
        }
        return Path.of(origin.filename()).toAbsolutePath().resolveSibling(path).normalize();
    }

    /// A secret from `key`, or from the file that `key-file` names.
    Optional<Secret> secret(String key) {
        return new SecretSource(this, key).read();
    }

    /// A key whose value must not be shown.
    Optional<String> secretText(String key) {
        report.secrets.add(path(key));
        return text(key);
    }

    /// Whether the value of a key stands in a file (and not in the environment, say).
    Optional<Path> standsIn(String key) {
        ConfigValue value = object.get(key);
        return value == null || value.origin().filename() == null
                ? Optional.empty()
                : Optional.of(Path.of(value.origin().filename()));
    }

    /// Reports the keys that nobody asked for; call last.
    void done() {
        for (String key : names()) {
            if (!known.contains(key)) {
                problem(key, "no such setting" + Suggestion.forKey(path, known, key));
            }
        }
    }

    static String quoted(String text) {
        return '"' + (text.length() > 60 ? text.substring(0, 60) + "…" : text) + '"';
    }

    private static String kind(@Nullable ConfigValue value) {
        if (value == null) {
            return "nothing";
        }
        return switch (value.valueType()) {
            case OBJECT -> "a block";
            case LIST -> "a list";
            case NUMBER -> "the number " + value.unwrapped();
            case BOOLEAN -> String.valueOf(value.unwrapped());
            case NULL -> "nothing";
            case STRING -> quoted(String.valueOf(value.unwrapped()));
        };
    }

    private @Nullable ConfigValue value(String key) {
        known.add(key);
        return object.get(key);
    }

    /// Makes keys known that are only read under conditions.
    void know(Collection<String> keys) {
        known.addAll(keys);
    }
}
