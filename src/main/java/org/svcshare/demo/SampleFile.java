package org.svcshare.demo;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Base64;
import java.util.function.Consumer;
import org.svcshare.demo.SampleItems.Write;

/// The writes of a sample application, one line each, so that one that was killed comes back with
/// what it had. What it has survives the end of the process, not of the machine.
///
/// Not thread-safe.
final class SampleFile implements AutoCloseable {
    private static final int FIELDS = 5;

    private final Path path;
    private final FileChannel file;
    private long size;

    private SampleFile(Path path, FileChannel file) {
        this.path = path;
        this.file = file;
    }

    /// Opens it, makes it where there is none, and tells what is in it. A last line that was not
    /// finished is cut off.
    ///
    /// @throws IOException when it cannot be used, or is not such a file; the message is for people
    static SampleFile open(Path path, Consumer<Write> told) throws IOException {
        FileChannel channel =
                FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        var file = new SampleFile(path, channel);
        try {
            file.read(told);
            channel.truncate(file.size);
            channel.position(file.size);
            return file;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private void read(Consumer<Write> told) throws IOException {
        byte[] bytes = Files.readAllBytes(path);
        int begin = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                told.accept(write(new String(bytes, begin, i - begin, ISO_8859_1)));
                begin = i + 1;
            }
        }
        size = begin;
    }

    private Write write(String line) throws IOException {
        String[] fields = line.split("\t", -1);
        try {
            if (fields.length == FIELDS) {
                return new Write(
                        fields[0],
                        fields[1],
                        fields[2].equals("*"),
                        new String(Base64.getDecoder().decode(fields[3]), ISO_8859_1),
                        new String(Base64.getDecoder().decode(fields[4]), ISO_8859_1));
            }
        } catch (IllegalArgumentException _) {
            // Said below.
        }
        throw new IOException(path + " is not a file of a sample application");
    }

    /// Keeps a write; nothing of it is kept when it fails.
    void append(Write write) throws IOException {
        var base64 = Base64.getEncoder();
        String line =
                String.join(
                                "\t",
                                write.method(),
                                write.target(),
                                write.onlyNew() ? "*" : "",
                                base64.encodeToString(write.key().getBytes(ISO_8859_1)),
                                base64.encodeToString(write.body().getBytes(ISO_8859_1)))
                        + "\n";
        ByteBuffer bytes = ByteBuffer.wrap(line.getBytes(ISO_8859_1));
        int length = bytes.remaining();
        try {
            while (bytes.hasRemaining()) {
                file.write(bytes);
            }
        } catch (IOException e) {
            file.truncate(size);
            file.position(size);
            throw e;
        }
        size += length;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
