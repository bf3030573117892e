package org.svcshare.config;

import com.typesafe.config.ConfigOrigin;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What came up while settings were read.
final class Report {
    final List<Problem> problems = new ArrayList<>();
    final List<String> warnings = new ArrayList<>();

    /// Paths whose values must not be shown.
    final Set<String> secrets = new HashSet<>();

    /// Paths of URLs that may carry credentials.
    final Set<String> urls = new HashSet<>();

    /// What is used for settings that were left empty, by path.
    final Map<String, String> derived = new HashMap<>();

    /// Where a setting is missing that stands nowhere but in the reference.
    private final String settingsFile;

    private final Path workingFolder = Path.of("").toAbsolutePath();

    Report(String settingsFile) {
        this.settingsFile = settingsFile;
    }

    void problem(ConfigOrigin origin, String path, String what) {
        problems.add(new Problem(where(origin), path, what));
    }

    void problem(String path, String what) {
        problems.add(new Problem("", path, what));
    }

    void warn(String warning) {
        warnings.add(warning);
    }

    boolean clean() {
        return problems.isEmpty();
    }

    /// `config.conf:12` as far as the origin knows.
    String where(ConfigOrigin origin) {
        String file = origin.filename();
        if (file == null) {
            boolean missing = origin.description().startsWith(Reference.NAME);
            return missing ? shown(settingsFile) : origin.description();
        }
        String shown = shown(file);
        return origin.lineNumber() > 0 ? shown + ":" + origin.lineNumber() : shown;
    }

    private String shown(String file) {
        if (file.isEmpty()) {
            return "";
        }
        Path path = Path.of(file).toAbsolutePath().normalize();
        return path.startsWith(workingFolder)
                ? workingFolder.relativize(path).toString()
                : path.toString();
    }
}
