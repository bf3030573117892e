package org.svcshare.journal;

import java.io.Closeable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Getting rid of what is not needed any more; what cannot be removed now is at the next start.
final class Scraps {
    private static final Logger LOG = LoggerFactory.getLogger(Scraps.class);

    private Scraps() {}

    static void drop(Disk disk, @Nullable DiskFile file, String name) {
        close(file, name);
        drop(disk, name);
    }

    static void drop(Disk disk, String name) {
        try {
            disk.remove(name);
        } catch (IOException e) {
            LOG.warn("{} is not needed and cannot be removed", disk.folder().resolve(name), e);
        }
    }

    static void close(@Nullable Closeable file, String name) {
        try {
            if (file != null) {
                file.close();
            }
        } catch (IOException e) {
            LOG.debug("closing {}", name, e);
        }
    }
}
