# An OpenSSL that was built with kernel TLS (Debian's is) crashes the worker at the first DTLS handshake: OpenSSL asks
# the BIO through a control call whether the kernel encrypts, and the worker's BIO callback answers that call's
# result (BIO_CB_CTRL | BIO_CB_RETURN) with 1, because it compares the whole operation instead of testing the bit.
# OpenSSL then believes the kernel does the work and allocates no write buffer. mediasoup's own build uses an OpenSSL
# without kernel TLS, where the question never comes.
#
# The mend goes into a copy; the package stays as it was installed.
function(patch_dtls_transport worker_dir sources_variable)
  set(original "${worker_dir}/src/RTC/DtlsTransport.cpp")
  set(patched "${CMAKE_CURRENT_BINARY_DIR}/patched/DtlsTransport.cpp")

  file(READ "${original}" code)
  string(REPLACE "(operationType == BIO_CB_RETURN)" "(operationType & BIO_CB_RETURN)" mended "${code}")
  if(mended STREQUAL code)
    message(FATAL_ERROR "onSslBioOut in ${original} does not look as this recipe expects. Has mediasoup changed it? "
                        "Then check whether the mend is still needed, and adapt it here.")
  endif()
  file(WRITE "${patched}" "${mended}")

  set(sources "${${sources_variable}}")
  list(REMOVE_ITEM sources "${original}")
  list(APPEND sources "${patched}")
  set(${sources_variable} "${sources}" PARENT_SCOPE)
endfunction()
