using TrakFast.Cli;

return TrakFastTool.RunProcess(args);
