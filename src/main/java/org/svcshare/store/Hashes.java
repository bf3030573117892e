package org.svcshare.store;

/// The numbers by which two members find out where their stores differ. All members must come to
/// the same ones, whatever their release: a change of these makes them differ for ever.
///
/// Source of the mixing step: Murmur3's 64-bit finalizer (Austin Appleby, public domain); of the
/// walk over the key: FNV-1a.
final class Hashes {
    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    private Hashes() {}

    /// Of the UTF-16 units, each as one number.
    static long ofText(String text) {
        long hash = FNV_OFFSET;
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * FNV_PRIME;
        }
        return mixed(hash);
    }

    /// Which of the [StoreMessage#RANGES] a key is in.
    static int range(long keyHash) {
        return (int) (keyHash >>> 56);
    }

    /// Of an entry. A range's hash is the sum of those of its entries, so that their order does not
    /// matter and one can be taken out again.
    static long ofEntry(long keyHash, Version version) {
        long hash = mixed(keyHash ^ (version.stamp() * 0x9e3779b97f4a7c15L));
        return mixed(hash + ofText(version.writer()));
    }

    private static long mixed(long value) {
        long hash = value;
        hash = (hash ^ (hash >>> 33)) * 0xff51afd7ed558ccdL;
        hash = (hash ^ (hash >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return hash ^ (hash >>> 33);
    }
}
