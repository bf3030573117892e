package org.svcshare.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// Settings that can be used, and where they came from.
public final class LoadedSettings {
    private final Settings settings;
    private final Optional<Path> file;
    private final Config all;
    private final Config reference;
    private final Report report;

    LoadedSettings(
            Settings settings, Optional<Path> file, Config all, Config reference, Report report) {
        this.settings = settings;
        this.file = file;
        this.all = all;
        this.reference = reference;
        this.report = report;
    }

    LoadedSettings with(Settings others) {
        return new LoadedSettings(others, file, all, reference, report);
    }

    /// @param notes warnings behind those that there are
    LoadedSettings with(Settings others, List<String> notes) {
        report.warnings.addAll(notes);
        return with(others);
    }

    public Settings settings() {
        return settings;
    }

    /// The file they were read from, if there was one.
    public Optional<Path> file() {
        return file;
    }

    /// What works but is probably not what was wanted, one sentence each.
    public List<String> warnings() {
        return List.copyOf(report.warnings);
    }

    /// What is in force, as a settings file in the order of the reference, secrets as `***`.
    ///
    /// Behind each value that is not the default stands where it came from.
    public String show() {
        var text = new StringBuilder();
        block(text, "", all.root(), "");
        return text.toString();
    }

    private void block(StringBuilder text, String path, ConfigObject block, String indent) {
        var keys =
                block.entrySet().stream()
                        .sorted(
                                Comparator.comparingInt((Map.Entry<String, ConfigValue> e) ->
                                                place(path, e.getKey()))
                                        .thenComparing(Map.Entry::getKey))
                        .toList();
        for (var entry : keys) {
            String key = entry.getKey();
            String inner = path.isEmpty() ? key : path + "." + key;
            text.append(indent).append(ConfigUtil.joinPath(key));
            switch (entry.getValue()) {
                case ConfigObject object when object.isEmpty() -> text.append(" {}\n");
                case ConfigObject object -> {
                    text.append(" {\n");
                    block(text, inner, object, indent + "  ");
                    text.append(indent).append("}\n");
                }
                case ConfigValue value ->
                        text.append(" = ").append(shown(inner, value)).append(origin(inner, value));
            }
        }
    }

    private String shown(String path, ConfigValue value) {
        if (report.secrets.contains(path)) {
            return String.valueOf(value.unwrapped()).isEmpty() ? "\"\"" : "\"***\"";
        }
        if (value instanceof ConfigList list
                && !list.isEmpty()
                && list.getFirst() instanceof ConfigObject) {
            return blocks(path, list);
        }
        if (report.derived.containsKey(path)) {
            return ConfigUtil.quoteString(report.derived.get(path));
        }
        if (report.urls.contains(path) && value instanceof ConfigList list) {
            return list.stream()
                    .map(url -> maskedUrl(path, String.valueOf(url.unwrapped())))
                    .map(ConfigUtil::quoteString)
                    .collect(Collectors.joining(", ", "[", "]"));
        }
        if (report.urls.contains(path)) {
            return ConfigUtil.quoteString(maskedUrl(path, String.valueOf(value.unwrapped())));
        }
        return value.render(ConfigRenderOptions.concise().setJson(false));
    }

    private String blocks(String path, ConfigList list) {
        var text = new StringBuilder("[\n");
        for (int i = 0; i < list.size(); i++) {
            text.append("  {\n");
            if (list.get(i) instanceof ConfigObject each) {
                block(text, path + "[" + i + "]", each, "    ");
            }
            text.append("  }\n");
        }
        return text.append("]").toString();
    }

    /// Without user, password and query, and of a hook without its path: those are often the key.
    private static String maskedUrl(String path, String url) {
        String masked = url.replaceFirst("//[^/@]*@", "//***@").replaceFirst("\\?.*", "?***");
        return path.startsWith("hooks[")
                ? masked.replaceFirst("^(\\w+://[^/]*/).+", "$1***")
                : masked;
    }

    private String origin(String path, ConfigValue value) {
        if (report.derived.containsKey(path)) {
            return "  # found out\n";
        }
        boolean isDefault = value.origin().description().startsWith(Reference.NAME);
        return isDefault ? "\n" : "  # " + report.where(value.origin()) + "\n";
    }

    /// The line of a setting in the reference; what is not there comes last.
    private int place(String path, String key) {
        String inner = path.isEmpty() ? key : path + "." + ConfigUtil.joinPath(key);
        try {
            return reference.hasPathOrNull(inner)
                    ? reference.getValue(inner).origin().lineNumber()
                    : Integer.MAX_VALUE;
        } catch (ConfigException e) {
            // Names with signs that paths do not know; below hooks and accounts only.
            return Integer.MAX_VALUE;
        }
    }
}
