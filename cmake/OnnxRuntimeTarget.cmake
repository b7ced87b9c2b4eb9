# The imported target onnxruntime::onnxruntime, from ONNXRUNTIME_ROOT or a system folder; none if
# there is no ONNX Runtime.
if(NOT TARGET onnxruntime::onnxruntime)
  find_path(
    ONNXRUNTIME_INCLUDE_DIR
    onnxruntime_cxx_api.h
    HINTS "${ONNXRUNTIME_ROOT}/include"
    PATH_SUFFIXES onnxruntime onnxruntime/core/session
  )
  find_library(ONNXRUNTIME_LIBRARY onnxruntime HINTS "${ONNXRUNTIME_ROOT}/lib")
  if(ONNXRUNTIME_INCLUDE_DIR AND ONNXRUNTIME_LIBRARY)
    add_library(onnxruntime::onnxruntime UNKNOWN IMPORTED)
    set_target_properties(
      onnxruntime::onnxruntime
      PROPERTIES
        IMPORTED_LOCATION "${ONNXRUNTIME_LIBRARY}"
        INTERFACE_INCLUDE_DIRECTORIES "${ONNXRUNTIME_INCLUDE_DIR}"
    )
  endif()
endif()
