package org.svcshare.gossip;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.NamedParameterSpec;
import java.util.HexFormat;
import javax.crypto.KDF;
import javax.crypto.spec.HKDFParameterSpec;
import org.svcshare.config.Secret;

/// What a group's secret becomes for TLS: a key that all who know the secret have, and a
/// certificate for it that the key itself has signed.
///
/// Whoever shows this key knows the secret, and nothing that goes over the wire helps to guess it
/// faster than trying every secret. The connection's own keys are drawn anew each time, so that a
/// recording cannot be read by who learns the secret later.
///
/// Source: RFC 5869 (HKDF), RFC 8032 and RFC 8410 (Ed25519 and its certificates), RFC 5280.
record SecretCertificate(PrivateKey key, X509Certificate certificate) {
    private static final HexFormat HEX = HexFormat.of();
    private static final int SEED_BYTES = 32;
    private static final int SEQUENCE = 0x30;
    private static final int SET = 0x31;
    private static final int INTEGER = 0x02;
    private static final int BIT_STRING = 0x03;
    private static final int UTF8_STRING = 0x0c;
    private static final int UTC_TIME = 0x17;
    private static final int GENERALIZED_TIME = 0x18;
    private static final int EXPLICIT_0 = 0xa0;

    /// 1.3.101.112
    private static final byte[] ED25519 = der(SEQUENCE, HEX.parseHex("06032b6570"));

    /// 2.5.4.3
    private static final byte[] COMMON_NAME = HEX.parseHex("0603550403");

    /// @param group so that one secret gives two groups different keys
    static SecretCertificate of(Secret secret, String group) throws GeneralSecurityException {
        byte[] seed =
                KDF.getInstance("HKDF-SHA256")
                        .deriveData(
                                HKDFParameterSpec.ofExtract()
                                        .addSalt("svcshare gossip".getBytes(UTF_8))
                                        .addIKM(secret.revealBytes())
                                        .thenExpand(
                                                ("tls key " + group).getBytes(UTF_8), SEED_BYTES));
        var generator = KeyPairGenerator.getInstance("Ed25519");
        generator.initialize(NamedParameterSpec.ED25519, new Drawn(seed));
        KeyPair pair = generator.generateKeyPair();
        return new SecretCertificate(pair.getPrivate(), certificate(pair));
    }

    /// Valid at all times: it is the secret that ends.
    private static X509Certificate certificate(KeyPair pair) throws GeneralSecurityException {
        byte[] name =
                der(
                        SEQUENCE,
                        der(
                                SET,
                                der(
                                        SEQUENCE,
                                        COMMON_NAME,
                                        der(UTF8_STRING, "svcshare member".getBytes(UTF_8)))));
        byte[] body =
                der(
                        SEQUENCE,
                        der(EXPLICIT_0, der(INTEGER, new byte[] {2})),
                        der(INTEGER, new byte[] {1}),
                        ED25519,
                        name,
                        der(
                                SEQUENCE,
                                der(UTC_TIME, "700101000000Z".getBytes(UTF_8)),
                                der(GENERALIZED_TIME, "99991231235959Z".getBytes(UTF_8))),
                        name,
                        pair.getPublic().getEncoded());
        var signature = Signature.getInstance("Ed25519");
        signature.initSign(pair.getPrivate());
        signature.update(body);
        byte[] whole = der(SEQUENCE, body, ED25519, der(BIT_STRING, new byte[1], signature.sign()));
        return (X509Certificate)
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(new ByteArrayInputStream(whole));
    }

    /// One value of the distinguished encoding (X.690).
    private static byte[] der(int tag, byte[]... parts) {
        var content = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            content.writeBytes(part);
        }
        var value = new ByteArrayOutputStream();
        value.write(tag);
        int length = content.size();
        if (length > 0xff) {
            value.write(0x82);
            value.write(length >>> 8);
        } else if (length > 0x7f) {
            value.write(0x81);
        }
        value.write(length);
        value.writeBytes(content.toByteArray());
        return value.toByteArray();
    }

    /// What the generator "draws".
    private static final class Drawn extends SecureRandom {
        private static final long serialVersionUID = 1;

        private final byte[] seed;

        Drawn(byte[] seed) {
            super();
            this.seed = seed;
        }

        @Override
        public void nextBytes(byte[] bytes) {
            if (bytes.length != seed.length) {
                throw new IllegalStateException("an Ed25519 key of " + bytes.length + " bytes");
            }
            System.arraycopy(seed, 0, bytes, 0, seed.length);
        }
    }
}
