package org.svcshare.proxy;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Bodies that are too large for the log, a file each. A file is on the disk before the record that
/// names it is in the log. Any thread.
final class Spool {
    private static final Logger LOG = LoggerFactory.getLogger(Spool.class);
    private static final Pattern NAME = Pattern.compile("[0-9a-f]{32}");
    private final Path folder;

    private Spool(Path folder) {
        this.folder = folder;
    }

    static Spool open(Path folder) throws IOException {
        return new Spool(Files.createDirectories(folder));
    }

    FileChannel open(String name) throws IOException {
        return FileChannel.open(path(name), StandardOpenOption.READ);
    }

    FileChannel create(String name) throws IOException {
        return FileChannel.open(
                path(name), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    /// Has the names of the files on the disk.
    void forceFolder() throws IOException {
        try (FileChannel names = FileChannel.open(folder, StandardOpenOption.READ)) {
            names.force(true);
        }
    }

    void remove(String name) {
        try {
            Files.deleteIfExists(path(name));
        } catch (IOException e) {
            LOG.warn("{} is left behind: {}", name, e.getMessage());
        }
    }

    private Path path(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("not a name in the spool");
        }
        return folder.resolve(name);
    }

    /// Removes all files but those that are needed.
    void keep(Set<String> needed) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                String name = String.valueOf(file.getFileName());
                if (NAME.matcher(name).matches() && !needed.contains(name)) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }
}
