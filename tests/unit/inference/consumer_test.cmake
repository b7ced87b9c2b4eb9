# Installs the package, builds examples/score_event against it as somebody else would, and runs it.
# Variables: BUILD, SOURCE, WORK, MAKE_MODEL, WITH_ONNXRUNTIME.
function(run)
  execute_process(
    COMMAND ${ARGV}
    COMMAND_ECHO STDOUT
    OUTPUT_VARIABLE output
    ECHO_OUTPUT_VARIABLE
    ECHO_ERROR_VARIABLE
    RESULT_VARIABLE result
  )
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "failed: ${ARGV}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE "${WORK}")
run(
  "${CMAKE_COMMAND}"
  --install
  "${BUILD}"
  --prefix
  "${WORK}/installed"
  --component
  development
)
run(
  "${CMAKE_COMMAND}"
  -S
  "${SOURCE}/examples/score_event"
  -B
  "${WORK}/build"
  -DCMAKE_BUILD_TYPE=Release
  "-DCMAKE_PREFIX_PATH=${WORK}/installed"
)
run("${CMAKE_COMMAND}" --build "${WORK}/build")
run("${MAKE_MODEL}" "${WORK}/model.onnx")
run("${WORK}/build/score_event" "${WORK}/model.onnx" 0.985)
# x = 0, so the logit is 2 y: hit 2 has y = 30, hit 0 has y = 0; the cut is 10.
if(NOT output MATCHES "hit 0: 0.0000 drop" OR NOT output MATCHES "hit 2: 60.0000 keep")
  message(FATAL_ERROR "unexpected scores")
endif()
execute_process(
  COMMAND "${WORK}/build/score_event" "${WORK}/missing.onnx"
  ERROR_VARIABLE error
  RESULT_VARIABLE result
)
if(NOT result EQUAL 1 OR NOT error MATCHES "missing.onnx: no such model")
  message(FATAL_ERROR "a missing model should be an error that names it, not: ${error}")
endif()
run(ldd "${WORK}/build/score_event")
if(NOT WITH_ONNXRUNTIME AND output MATCHES "onnxruntime")
  message(FATAL_ERROR "a program of this package should not need ONNX Runtime")
endif()
