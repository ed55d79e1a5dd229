# A participant's SCTP packet can make the worker build an answer that does not fit into a packet: it echoes, for example,
# a chunk of an unknown type within an OPERATION-ERROR chunk. Then its own code throws a MediaSoupError, which nobody
# catches on this way (SCTP::Association::ReceiveSctpData), and the process ends with all rooms on it. Found by
# test/fuzz. Such a packet is dropped instead, as SCTP drops others that it cannot use.
#
# The mend goes into a copy; the package stays as it was installed.
function(patch_transport worker_dir sources_variable)
  set(original "${worker_dir}/src/RTC/Transport.cpp")
  set(patched "${CMAKE_CURRENT_BINARY_DIR}/patched/Transport.cpp")

  set(call "this->sctpAssociation->ReceiveSctpData(data, len, receivedAtUs);")
  set(guard "MS_WARN_TAG(sctp, \"SCTP packet dropped: %s\", error.what());")
  file(READ "${original}" code)
  string(REPLACE "${call}" "try { ${call} } catch (const MediaSoupError& error) { ${guard} }" mended "${code}")
  if(mended STREQUAL code)
    message(FATAL_ERROR "ReceiveSctpData in ${original} does not look as this recipe expects. Has mediasoup changed it? "
                        "Then check whether the mend is still needed, and adapt it here.")
  endif()
  file(WRITE "${patched}" "${mended}")

  set(sources "${${sources_variable}}")
  list(REMOVE_ITEM sources "${original}")
  list(APPEND sources "${patched}")
  set(${sources_variable} "${sources}" PARENT_SCOPE)
endfunction()
