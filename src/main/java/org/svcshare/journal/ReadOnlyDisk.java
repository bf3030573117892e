package org.svcshare.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;

/// A folder as it is. What is written to it, or renamed or removed in it, is taken and forgotten:
/// recovery only mends what it has read.
record ReadOnlyDisk(Path folder) implements Disk {
    @Override
    public List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> String.valueOf(file.getFileName())).toList();
        }
    }

    @Override
    public DiskFile open(String name) throws IOException {
        return new ReadOnlyFile(FileChannel.open(folder.resolve(name), StandardOpenOption.READ));
    }

    @Override
    public DiskFile create(String name) throws IOException {
        throw new IOException("nothing is made in " + folder + " by looking at it");
    }

    @Override
    public void rename(String from, String to) {}

    @Override
    public void remove(String name) {}

    @Override
    public void forceFolder() {}

    @Override
    public boolean full(IOException failure) {
        return false;
    }

    @Override
    public boolean keeps() {
        return false;
    }

    @Override
    public void close() {}

    private record ReadOnlyFile(FileChannel channel) implements DiskFile {
        @Override
        public long size() throws IOException {
            return channel.size();
        }

        @Override
        public int read(ByteBuffer into, long position) throws IOException {
            return channel.read(into, position);
        }

        @Override
        public int write(ByteBuffer bytes, long position) {
            int taken = bytes.remaining();
            bytes.position(bytes.limit());
            return taken;
        }

        @Override
        public void force() {}

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
