package org.svcshare.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Optional;
import java.util.regex.Pattern;

/// Where a secret comes from: the setting itself, or the file that its `-file` sibling names.
final class SecretSource {
    private static final int LARGEST_BYTES = 64 * 1024;
    private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");

    private final Section section;
    private final String key;
    private final String fileKey;

    SecretSource(Section section, String key) {
        this.section = section;
        this.key = key;
        this.fileKey = key + "-file";
    }

    Optional<Secret> read() {
        Optional<String> direct = section.secretText(key);
        Optional<Path> file = section.file(fileKey);
        if (direct.isPresent() && file.isPresent()) {
            section.problem(fileKey, "expected only one of " + key + " and " + fileKey);
            return Optional.empty();
        }
        if (file.isPresent()) {
            return fromFile(file.get());
        }
        direct.flatMap(text -> section.standsIn(key))
                .filter(SecretSource::othersMayRead)
                .ifPresent(settings ->
                        section.warn(
                                key,
                                "a secret in a file that others may read; chmod 600 "
                                        + settings.getFileName()
                                        + ", or use "
                                        + fileKey));
        return direct.map(Secret::new);
    }

    private Optional<Secret> fromFile(Path file) {
        try {
            if (Files.size(file) > LARGEST_BYTES) {
                section.problem(fileKey, "expected a file with one line: " + file);
                return Optional.empty();
            }
            // No ISO control may be in a secret, so cutting the line's end cannot cut the secret.
            String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8).strip();
            if (text.isEmpty() || CONTROL.matcher(text).find()) {
                section.problem(
                        fileKey,
                        "expected a file with one line"
                                + (text.isEmpty() ? ", found it empty: " : ", found more: ")
                                + file);
                return Optional.empty();
            }
            if (othersMayRead(file)) {
                section.warn(fileKey, "others may read " + file + "; chmod 600 it");
            }
            return Optional.of(new Secret(text));
        } catch (IOException e) {
            section.problem(fileKey, "cannot be read: " + e.getMessage());
            return Optional.empty();
        }
    }

    /// Whether the file's group or everybody may read it; false where files have no such modes.
    ///
    /// What systemd or a container runtime hands over below `/run` has modes that we cannot change.
    static boolean othersMayRead(Path file) {
        if (file.startsWith("/run")) {
            return false;
        }
        try {
            var modes = Files.getPosixFilePermissions(file);
            return modes.contains(PosixFilePermission.GROUP_READ)
                    || modes.contains(PosixFilePermission.OTHERS_READ);
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }
}
