# Two RTP packets of a participant can make the worker begin a second stream for one encoding: the first is found by its RID,
# the second by its SSRC, which is 0 for an encoding that names none. An assertion that there is no other stream then ends
# the process with all rooms on it. Such a packet is dropped instead, as those are that are found by their RID.
#
# The mend goes into a copy; the package stays as it was installed.
function(patch_producer worker_dir sources_variable)
  set(original "${worker_dir}/src/RTC/Producer.cpp")
  set(patched "${CMAKE_CURRENT_BINARY_DIR}/patched/Producer.cpp")

  set(found "if (isMediaPacket && encoding.ssrc == ssrc)")
  set(dropped "MS_WARN_TAG(rtp, \"RTP packet dropped: its encoding has another stream\"); return nullptr;")
  set(guard "if (isMediaPacket && encoding.ssrc == ssrc && this->rtpStreamByEncodingIdx[i]) { ${dropped} }")
  file(READ "${original}" code)
  string(REPLACE "${found}" "${guard} ${found}" mended "${code}")
  if(mended STREQUAL code)
    message(FATAL_ERROR "GetRtpStream in ${original} does not look as this recipe expects. Has mediasoup changed it? "
                        "Then check whether the mend is still needed, and adapt it here.")
  endif()
  file(WRITE "${patched}" "${mended}")

  set(sources "${${sources_variable}}")
  list(REMOVE_ITEM sources "${original}")
  list(APPEND sources "${patched}")
  set(${sources_variable} "${sources}" PARENT_SCOPE)
endfunction()
