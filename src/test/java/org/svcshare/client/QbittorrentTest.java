package org.svcshare.client;

import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Nested;

@DisplayNameGeneration(ReplaceUnderscores.class)
final class QbittorrentTest {

    abstract static class Contract extends ClientProgramContract {
        @Override
        String type() {
            return "qbittorrent";
        }

        @Override
        String name() {
            return "qBittorrent";
        }
    }

    @Nested
    final class Version_4_6_7 extends Contract {
        @Override
        FakeProgram fake() {
            return new FakeQbittorrent("v4.6.7", "2.9.3");
        }
    }

    @Nested
    final class Version_5_0_0 extends Contract {
        @Override
        FakeProgram fake() {
            return new FakeQbittorrent("v5.0.0", "2.11.2");
        }
    }

    @Nested
    final class Version_5_1_4 extends Contract {
        @Override
        FakeProgram fake() {
            return new FakeQbittorrent("v5.1.4", "2.11.4");
        }
    }

    @Nested
    final class Version_5_2_1 extends Contract {
        @Override
        FakeProgram fake() {
            return new FakeQbittorrent("v5.2.1", "2.15.1");
        }
    }
}
