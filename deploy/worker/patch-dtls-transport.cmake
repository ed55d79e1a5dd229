# An OpenSSL that was built with kernel TLS (Debian's is) crashes the worker at the first DTLS handshake: OpenSSL asks
# the BIO through a control call whether the kernel encrypts, and the worker's BIO callback answers that call's
# result (BIO_CB_CTRL | BIO_CB_RETURN) with 1, because it compares the whole operation instead of testing the bit.
# OpenSSL then believes the kernel does the work and allocates no write buffer. mediasoup's own build uses an OpenSSL
# without kernel TLS, where the question never comes.
mend("${MEDIASOUP_WORKER_DIR}" worker_sources src/RTC/DtlsTransport.cpp
  "(operationType == BIO_CB_RETURN)" "(operationType & BIO_CB_RETURN)")
