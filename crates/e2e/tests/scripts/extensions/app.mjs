// As app.py, without looking.
export const handler = async () => "done";
